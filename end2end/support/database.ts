// A new database for each server, if the tests run on PostgreSQL.
import { randomUUID } from 'node:crypto';
import pg from 'pg';

export interface Database {
  url: string;
  drop(): Promise<void>;
}

/** A new database on the server of TESTBELL_TEST_DATABASE_URL; undefined for SQLite. */
export async function freshDatabase(): Promise<Database | undefined> {
  const maintenance = process.env.TESTBELL_TEST_DATABASE_URL;
  if (!maintenance) return undefined;
  const name = `e2e_${randomUUID().replaceAll('-', '')}`;
  await execute(maintenance, `CREATE DATABASE ${name}`);
  const url = new URL(maintenance);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: () => execute(maintenance, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
