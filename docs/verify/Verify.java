// Verifies a request of Testbell with nothing but Java 11 or newer.
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public final class Verify {
    private static final long TOLERANCE_SECONDS = 5 * 60;

    /** Wants the secret as revealed, and the body as received, before anything parses it. */
    public static boolean verify(String secret, String id, String timestamp, String signature, byte[] body)
            throws Exception {
        if (!timestamp.matches("[0-9]{1,15}")) return false;
        if (Math.abs(Instant.now().getEpochSecond() - Long.parseLong(timestamp)) > TOLERANCE_SECONDS) return false;
        byte[] key = Base64.getDecoder().decode(secret.replaceFirst("^whsec_", ""));
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
        String expected = "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
        // While a secret is being rotated there are two signatures: one of them has to fit.
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
