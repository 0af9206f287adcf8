# Verifies a request from Testbell. Needs only Ruby 3 or newer.
require "openssl"

TOLERANCE_SECONDS = 5 * 60
MIN_KEY_BYTES = 24

# Takes the secret as Testbell shows it, and the raw body before any parsing.
def verify(secret, id, timestamp, signature, body)
  return false unless timestamp.match?(/\A\d{1,15}\z/)
  return false if (Time.now.to_i - timestamp.to_i).abs > TOLERANCE_SECONDS

  key = secret.delete_prefix("whsec_").unpack1("m")
  # Reject an empty or short key, e.g. from a missing setting: anyone could guess it.
  return false if key.bytesize < MIN_KEY_BYTES

  digest = OpenSSL::HMAC.digest("SHA256", key, "#{id}.#{timestamp}.".b + body.b)
  expected = "v1,#{[digest].pack("m0")}"
  # During a rotation there are two signatures. One of them must match.
  signature.split(" ").any? { |part| OpenSSL.secure_compare(part, expected) }
end

# To try it: ruby verify.rb SECRET ID TIMESTAMP SIGNATURE < body
if $PROGRAM_NAME == __FILE__
  $stdin.binmode
  exit(verify(*ARGV.first(4), $stdin.read) ? 0 : 1)
end
