//! The shared parts of the server: the database, the clock, the keys, and what wakes the background
//! loops. It holds data and no rules.

use std::sync::Arc;

use sea_orm::{DbBackend, DbErr};
use secrecy::ExposeSecret;
use tokio::sync::Notify;

use crate::access_cache::AccessCache;
use crate::clock::Clock;
use crate::config::Config;
use crate::crypto::{self, Keyring};
use crate::dispatch::DispatchNotifier;
use crate::ids::Ids;
use crate::imports::RunningImports;
use crate::inbound::RefusedCalls;
use crate::live::{Hub, NodeMessage, Nodes};
use crate::net::{Guard, Http, OutboundProxy};
use crate::oidc;
use crate::rest::rate_limit::ApiLimit;
use crate::session::Throttle;
use crate::start::{self, DescriptorPlan};
use crate::storage::{self, Effect, Store};

/// Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// The settings.
    pub config: Arc<Config>,
    /// The clock.
    pub clock: Clock,
    /// Generates IDs.
    pub ids: Ids,
    /// Encrypts and decrypts secrets.
    pub keys: Keyring,
    /// The database.
    pub store: Store,
    /// What requests of scripts read to decide what their caller may do.
    pub access: Arc<AccessCache>,
    /// How many file descriptors each part may use.
    pub descriptors: DescriptorPlan,
    /// The HTTP client for endpoints and trackers.
    pub http: Http,
    /// The provider for single sign-on.
    pub oidc: Option<Arc<oidc::Provider>>,
    /// The live streams.
    pub hub: Hub,
    /// The other nodes. An embedded database has none.
    pub nodes: Option<Nodes>,
    /// Wakes the dispatcher.
    pub dispatch: DispatchNotifier,
    /// Limits the requests to the REST API, unless that is turned off.
    pub api_limit: Option<Arc<ApiLimit>>,
    /// Limits sign-in attempts.
    pub throttle: Arc<Throttle>,
    /// Wakes the loop that reads issues from their trackers.
    pub sync: Arc<Notify>,
    /// Wakes the loop that sends emails.
    pub emails: Arc<Notify>,
    /// Wakes the loop that deletes history on request.
    pub history: Arc<Notify>,
    /// Wakes the loop that replays ranges of time.
    pub range_replays: Arc<Notify>,
    /// The imports that this node runs.
    pub imports: RunningImports,
    /// Refused inbound calls that are not recorded yet.
    pub refused_calls: RefusedCalls,
}

impl AppState {
    /// Connects to the database, migrates it, and creates the parts.
    ///
    /// # Errors
    /// If the database can't be reached or migrated.
    pub async fn open(config: Config, clock: Clock, keys: Keyring) -> Result<Self, DbErr> {
        let url = match &config.database_url {
            Some(url) => url.expose_secret().to_owned(),
            None => format!("sqlite:{}", config.data_dir.join("testbell.db").display()),
        };
        let descriptors = start::descriptors::for_process(&config);
        let database = storage::connect(&url, config.max_database_connections).await?;
        storage::migrate(&database).await?;
        let proxy = config.outbound_proxy().map_err(|error| DbErr::Custom(error.to_string()))?;
        let guard = Guard::new(config.allow_http, config.allow_networks.clone())
            .with_host_overrides(&config.host_overrides)
            .with_proxy(proxy.clone());
        let http = Http::new(guard, clock.clone()).map_err(|error| DbErr::Custom(error.to_string()))?;
        let oidc = oidc_provider(&config, &clock, proxy).map_err(|error| DbErr::Custom(error.to_string()))?;
        let epoch = hex::encode(crypto::random_bytes::<8>());
        let hub = Hub::new(epoch, clock.clone(), descriptors.streams, config.max_streams_per_user);
        let nodes = (database.read.get_database_backend() == DbBackend::Postgres).then(Nodes::default);
        let dispatch = DispatchNotifier::default();
        let sync = Arc::new(Notify::new());
        let emails = Arc::new(Notify::new());
        let store = Store::new(database, {
            let (hub, nodes, dispatch) = (hub.clone(), nodes.clone(), dispatch.clone());
            let (sync, emails) = (sync.clone(), emails.clone());
            let send = move |message: NodeMessage| {
                if let Some(nodes) = &nodes {
                    nodes.queue(message.clone());
                }
                hub.apply(message);
            };
            Arc::new(move |effect| match effect {
                Effect::Live(change) => send(NodeMessage::Changed(change)),
                Effect::Revoked(revoked) => send(NodeMessage::Revoked(revoked)),
                Effect::Dispatch(webhook) => dispatch.notify(webhook),
                Effect::Sync => sync.notify_one(),
                Effect::Email => emails.notify_one(),
            })
        });
        let api_limit = ApiLimit::new(config.api_requests_per_minute, clock.clone());
        Ok(Self {
            config: Arc::new(config),
            ids: Ids::new(clock.clone()),
            clock,
            keys,
            store,
            access: Arc::default(),
            descriptors,
            http,
            oidc,
            hub,
            nodes,
            dispatch,
            api_limit,
            throttle: Arc::default(),
            sync,
            emails,
            history: Arc::default(),
            range_replays: Arc::default(),
            imports: RunningImports::default(),
            refused_calls: RefusedCalls::default(),
        })
    }
}

/// The provider for single sign-on. Operators name its URL, so it may have a private address.
fn oidc_provider(
    config: &Config,
    clock: &Clock,
    proxy: Option<OutboundProxy>,
) -> Result<Option<Arc<oidc::Provider>>, rustls::Error> {
    let guard = Guard::unrestricted().with_host_overrides(&config.host_overrides).with_proxy(proxy);
    let http = Http::new(guard, clock.clone())?;
    let redirect_url = config.link(oidc::REDIRECT_PATH);
    Ok(oidc::Provider::new(&config.oidc, config.allow_http, redirect_url, http, clock.clone()).map(Arc::new))
}
