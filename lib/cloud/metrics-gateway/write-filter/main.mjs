// Stands between a writer that mixes the samples of many nodes and a Prometheus, which refuses a whole request of remote
// write 1.0 for one sample, and stores the good part of one of 2.0. A request goes on as it is; one that was refused is
// sent again as 2.0, and what the store names is counted by node. One node never costs another a sample.
import { serve } from '../../../programs/server.mjs';
import { WriteFilter } from './write-filter.mjs';

const { LISTEN_PORT = '', METRICS_PORT = '' } = process.env;
const filter = new WriteFilter(process.env);

serve([
  // Only the writer of the same pod writes here.
  { handler: filter.answer, port: Number(LISTEN_PORT), host: '127.0.0.1' },
  { handler: filter.observe, port: Number(METRICS_PORT) },
]);
