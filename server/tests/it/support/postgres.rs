//! The databases on the PostgreSQL server of the tests. The next test uses the database of one that has ended:
//! emptying it takes a tenth of the time of copying a new one.

use std::sync::Mutex;

use sea_orm::{ConnectionTrait, Database as Connection, DatabaseConnection, DbErr};
use url::Url;
use uuid::Uuid;

/// The names of databases whose tests have ended.
static FREE: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Keeps the rows that migrations wrote in a schema of its own, and the number of tables.
const PREPARE: &str = "DO $$ DECLARE t record; filled bool; BEGIN
    CREATE SCHEMA initial;
    EXECUTE format('COMMENT ON SCHEMA initial IS %L', (SELECT count(*) FROM pg_tables WHERE schemaname = 'public'));
    FOR t IN SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', t.name) INTO filled;
        IF filled THEN
            EXECUTE format('CREATE TABLE initial.%I AS TABLE public.%I', t.name, t.name);
        END IF;
    END LOOP;
END $$";

/// Fails if a test has left a table, a trigger or a function behind.
const EMPTY: &str = "DO $$ DECLARE t record; BEGIN
    IF EXISTS (SELECT FROM pg_trigger WHERE NOT tgisinternal)
        OR EXISTS (SELECT FROM pg_proc WHERE pronamespace = 'public'::regnamespace)
        OR (SELECT count(*)::text FROM pg_tables WHERE schemaname = 'public')
            <> obj_description('initial'::regnamespace, 'pg_namespace') THEN
        RAISE EXCEPTION 'the schema was changed';
    END IF;
    -- Without checks of foreign keys, the order doesn't matter.
    SET LOCAL session_replication_role = replica;
    FOR t IN SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('DELETE FROM public.%I', t.name);
    END LOOP;
    FOR t IN SELECT tablename AS name FROM pg_tables WHERE schemaname = 'initial' LOOP
        EXECUTE format('INSERT INTO public.%I SELECT * FROM initial.%I', t.name, t.name);
    END LOOP;
END $$";

/// Frees the database for the next test when it is dropped.
pub struct Lease(String);

impl Lease {
    pub fn of(url: &str) -> Self {
        Self(url.rsplit('/').next().unwrap().to_owned())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        FREE.lock().unwrap().push(std::mem::take(&mut self.0));
    }
}

/// The URL of a new copy of the template. The server is thrown away after the run, and its databases with it.
pub async fn create(admin_url: &str, template: &str) -> String {
    let name = new_name();
    let admin = Connection::connect(admin_url).await.unwrap();
    admin.execute_unprepared(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await.unwrap();
    admin.close().await.unwrap();
    with_database(admin_url, &name)
}

/// Makes a migrated database one whose copies can be emptied.
pub async fn prepare(database: &DatabaseConnection) {
    database.execute_unprepared(PREPARE).await.unwrap();
}

/// The URL of an emptied database, if one is free.
pub async fn take(admin_url: &str) -> Option<String> {
    let used = FREE.lock().unwrap().pop()?;
    empty(admin_url, &used).await.ok()
}

async fn empty(admin_url: &str, used: &str) -> Result<String, DbErr> {
    let name = new_name();
    let admin = Connection::connect(admin_url).await?;
    // The server of the last test may still be stopping. Under the new name it can't connect again.
    for statement in [
        format!("ALTER DATABASE {used} ALLOW_CONNECTIONS false"),
        format!("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{used}'"),
        format!("ALTER DATABASE {used} RENAME TO {name}"),
        format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true"),
    ] {
        admin.execute_unprepared(&statement).await?;
    }
    admin.close().await?;
    let url = with_database(admin_url, &name);
    let database = Connection::connect(&url).await?;
    database.execute_unprepared(EMPTY).await?;
    database.close().await?;
    Ok(url)
}

fn new_name() -> String {
    format!("t{}", Uuid::from_bytes(server::crypto::random_bytes()).simple())
}

/// The URL of another database on the same server.
fn with_database(url: &str, name: &str) -> String {
    let mut url: Url = url.parse().unwrap();
    url.set_path(name);
    url.into()
}
