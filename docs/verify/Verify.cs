// Verifies a request from Testbell. Needs only .NET 6 or newer.
using System;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;

public static class Verifier
{
    private const long ToleranceSeconds = 5 * 60;
    private const int MinKeyBytes = 24;

    /// <summary>Takes the secret as Testbell shows it, and the raw body before any parsing.</summary>
    public static bool Verify(string secret, string id, string timestamp, string signature, byte[] body)
    {
        if (!long.TryParse(timestamp, out var seconds)) return false;
        if (Math.Abs(DateTimeOffset.UtcNow.ToUnixTimeSeconds() - seconds) > ToleranceSeconds) return false;
        var encoded = secret.StartsWith("whsec_") ? secret["whsec_".Length..] : secret;
        var buffer = new byte[encoded.Length];
        // Reject an empty or short key, e.g. from a missing setting: anyone could guess it.
        if (!Convert.TryFromBase64String(encoded, buffer, out var length) || length < MinKeyBytes) return false;
        var key = buffer[..length];
        var signed = Encoding.UTF8.GetBytes($"{id}.{timestamp}.").Concat(body).ToArray();
        using var hmac = new HMACSHA256(key);
        var expected = Encoding.UTF8.GetBytes("v1," + Convert.ToBase64String(hmac.ComputeHash(signed)));
        // During a rotation there are two signatures. One of them must match.
        return signature.Split(' ')
            .Any(part => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(part), expected));
    }

    // To try it: dotnet run -- SECRET ID TIMESTAMP SIGNATURE < body
    public static int Main(string[] args)
    {
        using var body = new MemoryStream();
        Console.OpenStandardInput().CopyTo(body);
        return Verify(args[0], args[1], args[2], args[3], body.ToArray()) ? 0 : 1;
    }
}
