<?php
// Verifies a request of Testbell with nothing but PHP 8 or newer.

const TOLERANCE_SECONDS = 5 * 60;

/** Wants the secret as revealed, and the body as received, before anything parses it. */
function verify(string $secret, string $id, string $timestamp, string $signature, string $body): bool
{
    if (!ctype_digit($timestamp) || abs(time() - (int) $timestamp) > TOLERANCE_SECONDS) {
        return false;
    }
    $key = base64_decode(preg_replace('/^whsec_/', '', $secret), true);
    if ($key === false) {
        return false;
    }
    $expected = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
    // While a secret is being rotated there are two signatures: one of them has to fit.
    foreach (explode(' ', $signature) as $part) {
        if (hash_equals($expected, $part)) {
            return true;
        }
    }
    return false;
}

// To try it: php verify.php SECRET ID TIMESTAMP SIGNATURE < body
// In a request: verify($secret, $_SERVER['HTTP_WEBHOOK_ID'], $_SERVER['HTTP_WEBHOOK_TIMESTAMP'],
//     $_SERVER['HTTP_WEBHOOK_SIGNATURE'], file_get_contents('php://input'))
if (PHP_SAPI === 'cli') {
    exit(verify($argv[1], $argv[2], $argv[3], $argv[4], stream_get_contents(STDIN)) ? 0 : 1);
}
