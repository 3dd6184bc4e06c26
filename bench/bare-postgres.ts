// What a team would write by hand: express and pg, one handler for each question. `node bare-postgres.ts PORT SCHEMA`.

import express from 'express';
import pg from 'pg';

const [port = '', schema = ''] = process.argv.slice(2);
const pool = new pg.Pool({ host: '127.0.0.1', user: 'postgres', database: 'test', max: 10 });
const app = express();
const COLUMNS = 'id, customer_id, amount, booked, memo';

app.get('/', (_req, res) => {
  res.json(true);
});
app.get('/item/:id', async (req, res) => {
  const { rows } = await pool.query(`select ${COLUMNS} from ${schema}.posting where id = $1`, [
    req.params.id,
  ]);
  res.json(rows[0]);
});
app.get('/page', async (_req, res) => {
  const { rows } = await pool.query(`select ${COLUMNS} from ${schema}.posting order by id limit $1`, [51]);
  res.json({ value: rows.slice(0, 50) });
});
app.get('/related', async (_req, res) => {
  const { rows } = await pool.query(`select ${COLUMNS} from ${schema}.posting order by id limit $1`, [51]);
  const value = rows.slice(0, 50);
  const ids = [...new Set(value.map((row) => row.customer_id))];
  const { rows: customers } = await pool.query(
    `select id, name, city from ${schema}.customer where id = any($1)`,
    [ids],
  );
  const byId = new Map(customers.map((customer) => [customer.id, customer]));
  res.json({ value: value.map((row) => ({ ...row, customer: byId.get(row.customer_id) ?? null })) });
});
const server = app.listen(Number(port), '127.0.0.1');
process.once('SIGTERM', () => {
  server.closeAllConnections();
  server.close(() => void pool.end());
});
