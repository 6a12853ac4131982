// Push filter: receives the pushes to a Pushgateway. Pushgateway stores everything that it receives, and every
// scrape fails if two of its groups are inconsistent. The filter therefore refuses pushes that would be
// inconsistent with other groups, or that exceed a limit.
import { serveUntilSigterm } from '../../../programs/server.mjs';
import { PushFilter } from './push-filter.mjs';

const SAVE_MS = 60_000;

const { LISTEN_PORT = '', METRICS_PORT = '' } = process.env;
const filter = new PushFilter(process.env);

setInterval(() => filter.saveState(), SAVE_MS).unref();
serveUntilSigterm(
  [
    { handler: filter.handleRequest, port: Number(LISTEN_PORT) },
    { handler: filter.handleMetricsRequest, port: Number(METRICS_PORT) },
  ],
  () => filter.saveStateSync(),
);
