//! An `OpenID` Connect provider that signs real tokens. It has no pages: a test signs a user in with
//! [`IdentityProvider::authorize`].

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use url::Url;

pub const CLIENT_ID: &str = "bell";
pub const CLIENT_SECRET: &str = "cl1ent s3cret/+";
/// Made for these tests, with `openssl genpkey`. `ring` can't make RSA keys.
const RSA_KEYS: [&[u8]; 2] = [include_bytes!("rsa_key_1.der"), include_bytes!("rsa_key_2.der")];

/// How ID tokens are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    /// RS256, with the first key.
    Rsa,
    /// RS256 with the second key, which the key set has only after [`IdentityProvider::rotate`].
    OtherRsa,
    /// RS256 with the second key, under the ID of the first one.
    ForgedRsa,
    /// ES256.
    Ecdsa,
    /// HS256 with the client's secret.
    Hmac,
    /// None at all.
    None,
}

#[derive(Clone)]
pub struct IdentityProvider {
    pub issuer: String,
    shared: Arc<Shared>,
}

struct Shared {
    issuer: String,
    ecdsa: EcdsaKeyPair,
    state: Mutex<ProviderState>,
}

struct ProviderState {
    codes: HashMap<String, Authorized>,
    signature: Signature,
    has_second_key: bool,
    id_token: Value,
    user_info: Value,
    is_down: bool,
}

/// What was said at the authorization endpoint.
struct Authorized {
    challenge: String,
    nonce: String,
    redirect_uri: String,
}

impl IdentityProvider {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}/realm", listener.local_addr().unwrap());
        let (algorithm, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let key = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let state = ProviderState {
            codes: HashMap::new(),
            signature: Signature::Rsa,
            has_second_key: false,
            id_token: json!({}),
            user_info: json!({}),
            is_down: false,
        };
        let ecdsa = EcdsaKeyPair::from_pkcs8(algorithm, key.as_ref(), &random).unwrap();
        let shared = Arc::new(Shared { issuer: issuer.clone(), ecdsa, state: Mutex::new(state) });
        let router = Router::new()
            .route("/realm/.well-known/openid-configuration", get(configuration))
            .route("/realm/keys", get(keys))
            .route("/realm/token", post(token))
            .route("/realm/userinfo", get(user_info))
            .with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { issuer, shared }
    }

    /// The arguments of a server that uses it.
    pub fn arguments(&self) -> Vec<String> {
        let arguments = ["--oidc-issuer", &self.issuer, "--oidc-client-id", CLIENT_ID];
        let secret = ["--oidc-client-secret", CLIENT_SECRET, "--oidc-name", "Acme"];
        arguments.iter().chain(&secret).map(ToString::to_string).collect()
    }

    /// The user who signs in from now on: the claims of the ID token, over the usual ones. Null removes a claim.
    pub fn user(&self, claims: Value) {
        self.change(|state| state.id_token = claims);
    }

    /// What the user info endpoint says.
    pub fn user_info(&self, claims: Value) {
        self.change(|state| state.user_info = claims);
    }

    pub fn sign_with(&self, signature: Signature) {
        self.change(|state| state.signature = signature);
    }

    /// Adds the second key to the key set.
    pub fn rotate(&self) {
        self.change(|state| state.has_second_key = true);
    }

    /// From now on every response is 503.
    pub fn stop(&self) {
        self.change(|state| state.is_down = true);
    }

    fn change(&self, change: impl FnOnce(&mut ProviderState)) {
        change(&mut self.shared.state.lock().unwrap());
    }

    /// Signs the user in at the page of `url`. Returns the path and query of the redirect back.
    pub fn authorize(&self, url: &Url) -> String {
        let query: HashMap<String, String> = url.query_pairs().into_owned().collect();
        assert!(url.as_str().starts_with(&format!("{}/authorize?", self.issuer)), "{url}");
        assert_eq!((query["response_type"].as_str(), query["client_id"].as_str()), ("code", CLIENT_ID), "{url}");
        assert_eq!(query["code_challenge_method"], "S256");
        assert!(query["scope"].split(' ').any(|scope| scope == "openid"), "{url}");
        let code = format!("code {}&=", self.shared.state.lock().unwrap().codes.len());
        let authorized = Authorized {
            challenge: query["code_challenge"].clone(),
            nonce: query["nonce"].clone(),
            redirect_uri: query["redirect_uri"].clone(),
        };
        let mut back: Url = authorized.redirect_uri.parse().unwrap();
        back.query_pairs_mut().append_pair("code", &code).append_pair("state", &query["state"]);
        self.change(|state| drop(state.codes.insert(code, authorized)));
        back[url::Position::BeforePath..].to_owned()
    }
}

async fn configuration(State(shared): State<Arc<Shared>>) -> Response {
    if shared.state.lock().unwrap().is_down {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let url = |path: &str| format!("{}/{path}", shared.issuer);
    Json(json!({
        "issuer": shared.issuer,
        "authorization_endpoint": url("authorize"),
        "token_endpoint": url("token"),
        "userinfo_endpoint": url("userinfo"),
        "jwks_uri": url("keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
    }))
    .into_response()
}

async fn keys(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let has_second_key = shared.state.lock().unwrap().has_second_key;
    let point = shared.ecdsa.public_key().as_ref();
    let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..]));
    let mut keys = vec![
        rsa_jwk(0),
        json!({"kty": "EC", "crv": "P-256", "kid": "ec", "use": "sig", "alg": "ES256", "x": x, "y": y}),
    ];
    if has_second_key {
        keys.push(rsa_jwk(1));
    }
    Json(json!({"keys": keys}))
}

fn rsa_jwk(index: usize) -> Value {
    let components: PublicKeyComponents<Vec<u8>> = rsa(index).public().into();
    let (n, e) = (URL_SAFE_NO_PAD.encode(components.n), URL_SAFE_NO_PAD.encode(components.e));
    json!({"kty": "RSA", "kid": format!("rsa{index}"), "use": "sig", "alg": "RS256", "n": n, "e": e})
}

fn rsa(index: usize) -> RsaKeyPair {
    RsaKeyPair::from_pkcs8(RSA_KEYS[index]).unwrap()
}

async fn token(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let refused = |error: &str| (StatusCode::BAD_REQUEST, Json(json!({"error": error}))).into_response();
    let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let credentials = STANDARD.encode(format!("{}:{}", encode(CLIENT_ID), encode(CLIENT_SECRET)));
    if headers.get(header::AUTHORIZATION).is_none_or(|value| *value != *format!("Basic {credentials}")) {
        return refused("invalid_client");
    }
    let state = &mut shared.state.lock().unwrap();
    // A code works once.
    let Some(authorized) = form.get("code").and_then(|code| state.codes.remove(code)) else {
        return refused("invalid_grant");
    };
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(form["code_verifier"].as_bytes()));
    if challenge != authorized.challenge || form["redirect_uri"] != authorized.redirect_uri {
        return refused("invalid_grant");
    }
    let access_token = "access-token";
    let id_token = id_token(&shared, state, &authorized.nonce, access_token);
    Json(json!({"access_token": access_token, "token_type": "Bearer", "expires_in": 60, "id_token": id_token}))
        .into_response()
}

fn id_token(shared: &Shared, state: &ProviderState, nonce: &str, access_token: &str) -> String {
    // The first half of the hash.
    let access_token_hash = URL_SAFE_NO_PAD.encode(&Sha256::digest(access_token.as_bytes())[..16]);
    let mut claims = json!({
        "iss": shared.issuer,
        "sub": "ada-1",
        "aud": CLIENT_ID,
        "exp": super::start_time().timestamp() + 3600,
        "iat": super::start_time().timestamp(),
        "nonce": nonce,
        "at_hash": access_token_hash,
        "email": "ada@example.com",
        "email_verified": true,
        "name": "Ada Lovelace",
    });
    for (name, value) in state.id_token.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    let (algorithm, key) = match state.signature {
        Signature::Rsa | Signature::ForgedRsa => ("RS256", "rsa0"),
        Signature::OtherRsa => ("RS256", "rsa1"),
        Signature::Ecdsa => ("ES256", "ec"),
        Signature::Hmac => ("HS256", "hmac"),
        Signature::None => ("none", ""),
    };
    let header = json!({"alg": algorithm, "kid": key, "typ": "JWT"});
    let encode = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let signed = format!("{}.{}", encode(&header), encode(&claims));
    let random = SystemRandom::new();
    let rsa_signature = |index| {
        let key = rsa(index);
        let mut signature = vec![0; key.public().modulus_len()];
        key.sign(&RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature).unwrap();
        signature
    };
    let signature = match state.signature {
        Signature::Rsa => rsa_signature(0),
        Signature::OtherRsa | Signature::ForgedRsa => rsa_signature(1),
        Signature::Ecdsa => shared.ecdsa.sign(&random, signed.as_bytes()).unwrap().as_ref().to_vec(),
        Signature::Hmac => {
            let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, CLIENT_SECRET.as_bytes());
            ring::hmac::sign(&key, signed.as_bytes()).as_ref().to_vec()
        }
        Signature::None => Vec::new(),
    };
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

async fn user_info(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    if headers.get(header::AUTHORIZATION).is_none_or(|value| value != "Bearer access-token") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    Json(shared.state.lock().unwrap().user_info.clone()).into_response()
}
