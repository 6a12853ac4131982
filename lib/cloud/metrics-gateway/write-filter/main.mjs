// Write filter: runs between vmagent and Prometheus. A request of vmagent contains samples of many nodes. With remote
// write 1.0, Prometheus rejects a whole request because of one invalid sample. With remote write 2.0, Prometheus stores
// the valid samples. The filter first forwards a request unchanged. If Prometheus rejects the request, the filter sends
// the request again as remote write 2.0, and counts the rejected samples by node. Invalid samples of one node therefore
// do not cause the loss of another node's samples.
import { serveUntilSigterm } from '../../../programs/server.mjs';
import { WriteFilter } from './write-filter.mjs';

const { LISTEN_PORT = '', METRICS_PORT = '' } = process.env;
const filter = new WriteFilter(process.env);

serveUntilSigterm([
  // Only vmagent in the same pod sends requests to this port.
  { handler: filter.handleRequest, port: Number(LISTEN_PORT), host: '127.0.0.1' },
  { handler: filter.handleMetricsRequest, port: Number(METRICS_PORT) },
]);
