// Verifies a request from Testbell with Go's standard library only.
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

const (
	tolerance   = 5 * time.Minute
	minKeyBytes = 24
)

// Verify takes the secret as Testbell shows it, the values of webhook-id, webhook-timestamp and
// webhook-signature, and the raw body before any parsing.
func Verify(secret, id, timestamp, signature string, body []byte) bool {
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return false
	}
	if age := time.Since(time.Unix(seconds, 0)); age > tolerance || age < -tolerance {
		return false
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	// Reject an empty or short key, e.g. from a missing setting: anyone could guess it.
	if err != nil || len(key) < minKeyBytes {
		return false
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	expected := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	// During a rotation there are two signatures. One of them must match.
	for _, part := range strings.Split(signature, " ") {
		if hmac.Equal([]byte(part), []byte(expected)) {
			return true
		}
	}
	return false
}

// To try it: go run verify.go SECRET ID TIMESTAMP SIGNATURE < body
func main() {
	body, err := io.ReadAll(os.Stdin)
	if err != nil || !Verify(os.Args[1], os.Args[2], os.Args[3], os.Args[4], body) {
		os.Exit(1)
	}
}
