// Creates temporary databases on the Postgres for tests.

import { randomBytes } from 'node:crypto';
import postgres from 'postgres';

/** Creates a database on the server of this URL. */
export async function createDatabase(superuser) {
  if (!superuser) throw new Error("TEST_POSTGRES_URL is not set: '../scripts/with-postgres COMMAND' sets it");
  const sql = postgres(superuser, { max: 1, idle_timeout: 1, onnotice: () => {} });
  const name = `holdfast_${randomBytes(4).toString('hex')}`;
  await sql`create database ${sql(name)}`;
  const url = new URL(superuser);
  url.pathname = name;
  const drop = async () => {
    await sql`drop database ${sql(name)} with (force)`;
    await sql.end();
  };
  return { url: url.href, drop };
}
