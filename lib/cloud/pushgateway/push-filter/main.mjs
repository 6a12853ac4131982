// Runs in front of a Pushgateway, which stores everything it receives, and whose scrape fails if two groups conflict.
// It forwards the part of each push that causes no conflict, and reports the rest as errors.
import { serve } from '../../../programs/server.mjs';
import { PushFilter } from './push-filter.mjs';

const SAVE_MS = 60_000;

const { LISTEN_PORT = '', METRICS_PORT = '' } = process.env;
const filter = new PushFilter(process.env);

setInterval(() => filter.save(), SAVE_MS).unref();
serve(
  [
    { handler: filter.answer, port: Number(LISTEN_PORT) },
    { handler: filter.observe, port: Number(METRICS_PORT) },
  ],
  () => filter.saveAtEnd(),
);
