<?php
// Verifies a request from Testbell. Needs only PHP 8 or newer.

const TOLERANCE_SECONDS = 5 * 60;
const MIN_KEY_BYTES = 24;

/** Takes the secret as Testbell shows it, and the raw body before any parsing. */
function verify(string $secret, string $id, string $timestamp, string $signature, string $body): bool
{
    if (!ctype_digit($timestamp) || abs(time() - (int) $timestamp) > TOLERANCE_SECONDS) {
        return false;
    }
    $key = base64_decode(preg_replace('/^whsec_/', '', $secret), true);
    // Reject an empty or short key, e.g. from a missing setting: anyone could guess it.
    if ($key === false || strlen($key) < MIN_KEY_BYTES) {
        return false;
    }
    $expected = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
    // During a rotation there are two signatures. One of them must match.
    foreach (explode(' ', $signature) as $part) {
        if (hash_equals($expected, $part)) {
            return true;
        }
    }
    return false;
}

// To try it: php verify.php SECRET ID TIMESTAMP SIGNATURE < body
// In a request handler: verify($secret, $_SERVER['HTTP_WEBHOOK_ID'], $_SERVER['HTTP_WEBHOOK_TIMESTAMP'],
//     $_SERVER['HTTP_WEBHOOK_SIGNATURE'], file_get_contents('php://input'))
if (PHP_SAPI === 'cli') {
    exit(verify($argv[1], $argv[2], $argv[3], $argv[4], stream_get_contents(STDIN)) ? 0 : 1);
}
