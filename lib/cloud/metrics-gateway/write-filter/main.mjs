// Runs between a writer that mixes the samples of many nodes and a Prometheus. With remote write 1.0, Prometheus
// refuses a whole request because of one invalid sample; with 2.0 it stores the valid part. A request is forwarded
// unchanged; if it is refused, it is sent again as 2.0, and rejected samples are counted by node. So no node causes the
// loss of another node's sample.
import { serve } from '../../../programs/server.mjs';
import { WriteFilter } from './write-filter.mjs';

const { LISTEN_PORT = '', METRICS_PORT = '' } = process.env;
const filter = new WriteFilter(process.env);

serve([
  // Only the writer in the same pod sends requests to this port.
  { handler: filter.answer, port: Number(LISTEN_PORT), host: '127.0.0.1' },
  { handler: filter.observe, port: Number(METRICS_PORT) },
]);
