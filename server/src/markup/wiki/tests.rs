use super::*;

#[test]
fn plain_text_stays_plain() {
    for (wiki, expected) in [
        ("The good description", "The good description"),
        ("a-b-c and snake_case_name, 3 * 4 * 5", r"a-b-c and snake_case_name, 3 \* 4 \* 5"),
        (r"Proyecto privado \- no", "Proyecto privado - no"),
        ("<b>[x] {y}", r"\<b>\[x\] {y}"),
        ("one\ntwo\n\nthree", "one\\\ntwo\n\nthree"),
        ("", ""),
    ] {
        assert_eq!(to_markdown(wiki), expected, "{wiki}");
    }
}

#[test]
fn emphasis_links_and_code_are_kept() {
    for (wiki, expected) in [
        ("*bold* _italic_ -gone- +under+ {{a_b}}", "**bold** *italic* ~~gone~~ under `a_b`"),
        ("(*_both_*)", "(***both***)"),
        (
            "[here|https://a.example/x|smart-link] [https://b.example]",
            "[here](https://a.example/x) <https://b.example/>",
        ),
        ("see https://a.example/a_b_c.", "see <https://a.example/a_b_c>."),
        ("{color:red}hot{color} [~ada] !shot.png|width=3!", "hot ada shot.png"),
        ("[x|javascript:alert(1)]", "x"),
    ] {
        assert_eq!(to_markdown(wiki), expected, "{wiki}");
    }
}

#[test]
fn headings_lists_tables_quotes_and_code_blocks_are_kept() {
    for (wiki, expected) in [
        ("h2. Steps\n# open\n# click\n#* twice", "## Steps\n\n1. open\n1. click\n   - twice"),
        ("* a\n** b\n- c", "- a\n  - b\n- c"),
        ("||a||b||\n|1|2|", "| a | b |\n| --- | --- |\n| 1 | 2 |"),
        ("{code:java}\nint a = *b*;\n{code}\nafter", "```java\nint a = *b*;\n```\n\nafter"),
        ("{noformat}x{noformat}", "```\nx\n```"),
        ("{quote}\nsaid\n{quote}\nbq. once", "> said\n\n> once"),
        ("a\n----\nb", "a\n\n---\n\nb"),
        ("{code}never ends", "```\nnever ends\n```"),
    ] {
        assert_eq!(to_markdown(wiki), expected, "{wiki}");
    }
}

#[test]
fn emphasis_in_braces_may_be_within_a_word() {
    for (wiki, expected) in [
        ("un{*}bold{*}ed {+}x{+} {_}i{_} {-}gone{-}", "un**bold**ed x *i* ~~gone~~"),
        ("{*}(x){*}y", "**(x)**<!-- -->y"),
        ("{x}y{x} {*}open", r"{x}y{x} {\*}open"),
        ("~sub~ H~2~O ^sup^", r"sub H\~2\~O sup"),
    ] {
        assert_eq!(to_markdown(wiki), expected, "{wiki}");
    }
}

#[test]
fn breaks_are_kept_only_within_a_block() {
    for (wiki, expected) in [
        ("one\\\\\n\ntwo\\\\", "one\n\ntwo"),
        ("*one\\\\two*", "**one\\\ntwo**"),
        ("h1. one\\\\two\nx", "# one two\n\nx"),
        ("* one\\\\\n* two", "- one\n- two"),
    ] {
        assert_eq!(to_markdown(wiki), expected, "{wiki}");
    }
}

#[test]
fn cells_may_have_links_code_and_several_lines() {
    for (wiki, expected) in [
        (
            "||a||b||\n|[x|https://a.example/]|{{c|d}}|",
            "| a | b |\n| --- | --- |\n| [x](https://a.example/) | `c\\|d` |",
        ),
        ("|!shot.png|width=3!|b|", "| shot.png | b |\n| --- | --- |"),
        ("||a||b||\n|one\ntwo|3|\nend", "| a | b |\n| --- | --- |\n| one two | 3 |\n\nend"),
        ("||a|| ||\n|1|2|", "| a |  |\n| --- | --- |\n| 1 | 2 |"),
    ] {
        assert_eq!(to_markdown(wiki), expected, "{wiki}");
    }
}

#[test]
fn panels_are_quotes_with_their_titles() {
    for (wiki, expected) in [
        ("{info}\nread\n{info}\nafter", "> read\n\nafter"),
        ("{warning:title=Hot}x{warning}", "> **Hot**\n>\n> x"),
        ("{panel:title=A|borderStyle=solid}x{note}y{note}{panel}z", "> **A**\n>\n> x\n>\n> > y\n\nz"),
        ("{expand:More}x{expand}{tip}never ends", "> **More**\n>\n> x\n\n> never ends"),
    ] {
        assert_eq!(to_markdown(wiki), expected, "{wiki}");
    }
}

#[test]
fn dash_lists_nest_without_skipping_levels() {
    for (wiki, expected) in
        [("- a\n-- b\n- c", "- a\n  - b\n- c"), ("*** deep\n* too", "- deep\n- too"), ("# a\n#- b", "1. a\n   - b")]
    {
        assert_eq!(to_markdown(wiki), expected, "{wiki}");
    }
}

#[test]
fn absurd_markup_is_converted_in_linear_time() {
    for unit in [
        "*", "{*}", "{*}a", "|a\n", "|[", "~a ", "{info}", "_a ", " *a", "[", "{", "{quote}", "{{", "|", "\\", "h1. ",
        "!a.b ",
    ] {
        let text = to_markdown(&unit.repeat(300_000 / unit.len()));
        assert!(text.len() < 1_000_000, "{unit}");
    }
}
