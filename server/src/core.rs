//! What every part of the server is given: the database, the clock, the keys, and the bells to
//! ring. The services are implemented on it.

use std::sync::Arc;

use sea_orm::{DbBackend, DbErr};
use secrecy::ExposeSecret;
use tokio::sync::Notify;

use crate::clock::Clock;
use crate::config::Config;
use crate::crypto::{self, Keyring};
use crate::dispatch::Wake;
use crate::ids::Ids;
use crate::live::{Hub, Nodes, Said};
use crate::net::{Guard, Http};
use crate::storage::{self, Effect, Store};

/// See the [module](self). Cheap to clone.
#[derive(Clone)]
pub struct Core {
    /// The settings.
    pub config: Arc<Config>,
    /// Where time comes from.
    pub clock: Clock,
    /// Where ids come from.
    pub ids: Ids,
    /// What encrypts and decrypts secrets.
    pub keys: Keyring,
    /// The database.
    pub store: Store,
    /// The door to endpoints and trackers.
    pub http: Http,
    /// The live streams.
    pub hub: Hub,
    /// What other nodes are to be told; an embedded database has none.
    pub nodes: Option<Nodes>,
    /// Wakes the dispatcher.
    pub dispatch: Wake,
    /// Wakes the loop that reads issues from their trackers.
    pub sync: Arc<Notify>,
}

impl Core {
    /// Connects to the database, brings its schema up to date, and puts the parts together.
    ///
    /// # Errors
    /// The database's own.
    pub async fn open(config: Config, clock: Clock, keys: Keyring) -> Result<Self, DbErr> {
        let url = match &config.database_url {
            Some(url) => url.expose_secret().to_owned(),
            None => format!("sqlite:{}", config.data_dir.join("testbell.db").display()),
        };
        let database = storage::connect(&url).await?;
        storage::migrate(&database).await?;
        let guard = Guard::new(config.allow_http, config.allow_networks.clone()).resolving(&config.resolve);
        let http = Http::new(guard, clock.clone()).map_err(|error| DbErr::Custom(error.to_string()))?;
        let epoch = hex::encode(crypto::fill::<8>());
        let hub = Hub::new(epoch, config.max_streams, config.max_streams_per_user);
        let nodes = (database.read.get_database_backend() == DbBackend::Postgres).then(Nodes::default);
        let dispatch = Wake::default();
        let sync = Arc::new(Notify::new());
        let store = Store::new(database, {
            let (hub, nodes, dispatch, sync) = (hub.clone(), nodes.clone(), dispatch.clone(), sync.clone());
            let say = move |said: Said| {
                if let Some(nodes) = &nodes {
                    nodes.tell(said.clone());
                }
                hub.hear(said);
            };
            Arc::new(move |effect| match effect {
                Effect::Live(change) => say(Said::Changed(change)),
                Effect::Removed(project_id, user_id) => say(Said::Removed { project_id, user_id }),
                Effect::Dispatch(webhook) => dispatch.endpoint(webhook),
                Effect::Sync => sync.notify_one(),
            })
        });
        Ok(Self {
            config: Arc::new(config),
            ids: Ids::new(clock.clone()),
            clock,
            keys,
            store,
            http,
            hub,
            nodes,
            dispatch,
            sync,
        })
    }
}
