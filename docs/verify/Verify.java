// Verifies a request from Testbell. Needs only Java 11 or newer.
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public final class Verify {
    private static final long TOLERANCE_SECONDS = 5 * 60;
    private static final int MIN_KEY_BYTES = 24;

    /** Takes the secret as Testbell shows it, and the raw body before any parsing. */
    public static boolean verify(String secret, String id, String timestamp, String signature, byte[] body)
            throws Exception {
        if (!timestamp.matches("[0-9]{1,15}")) return false;
        if (Math.abs(Instant.now().getEpochSecond() - Long.parseLong(timestamp)) > TOLERANCE_SECONDS) return false;
        byte[] key;
        try {
            key = Base64.getDecoder().decode(secret.replaceFirst("^whsec_", ""));
        } catch (IllegalArgumentException notBase64) {
            return false;
        }
        // Reject an empty or short key, e.g. from a missing setting: anyone could guess it.
        if (key.length < MIN_KEY_BYTES) return false;
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
        String expected = "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
        // During a rotation there are two signatures. One of them must match.
        for (String part : signature.split(" ")) {
            // Compares in constant time.
            if (MessageDigest.isEqual(part.getBytes(StandardCharsets.UTF_8), expected.getBytes(StandardCharsets.UTF_8)))
                return true;
        }
        return false;
    }

    // To try it: java Verify.java SECRET ID TIMESTAMP SIGNATURE < body
    public static void main(String[] args) throws Exception {
        System.exit(verify(args[0], args[1], args[2], args[3], System.in.readAllBytes()) ? 0 : 1);
    }
}
