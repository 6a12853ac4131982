// Node admission: guards ask this program whether a node with a valid certificate may push. The node must be
// in the cluster (unless nodes of other clusters may push), and must not be denied.
import { serveUntilSigterm } from '../../../programs/server.mjs';
import { NodeAdmissionHandlers } from './node-admission.mjs';

const { PORT = '', METRICS_PORT = '' } = process.env;
const admission = new NodeAdmissionHandlers(process.env);

admission.startWatchingLists();
serveUntilSigterm([
  { handler: admission.handleRequest, port: Number(PORT) },
  { handler: admission.handleMetricsRequest, port: Number(METRICS_PORT) },
]);
