// Stands before a Pushgateway, which keeps whatever it is sent, and cannot be read any more when two groups of it
// contradict each other: takes of each push what contradicts nobody, and says what is wrong with the rest.
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
