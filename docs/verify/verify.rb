# Verifies a request of Testbell with nothing but Ruby 3 or newer.
require "openssl"

TOLERANCE_SECONDS = 5 * 60

# Wants the secret as revealed, and the body as received, before anything parses it.
def verify(secret, id, timestamp, signature, body)
  return false unless timestamp.match?(/\A\d{1,15}\z/)
  return false if (Time.now.to_i - timestamp.to_i).abs > TOLERANCE_SECONDS

  key = secret.delete_prefix("whsec_").unpack1("m")
  digest = OpenSSL::HMAC.digest("SHA256", key, "#{id}.#{timestamp}.".b + body.b)
  expected = "v1,#{[digest].pack("m0")}"
  # While a secret is being rotated there are two signatures: one of them has to fit.
  signature.split(" ").any? { |part| OpenSSL.secure_compare(part, expected) }
end

# To try it: ruby verify.rb SECRET ID TIMESTAMP SIGNATURE < body
if $PROGRAM_NAME == __FILE__
  $stdin.binmode
  exit(verify(*ARGV.first(4), $stdin.read) ? 0 : 1)
end
