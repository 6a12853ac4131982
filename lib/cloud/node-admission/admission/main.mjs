// Node admission: guards ask it whether a node with a valid certificate may push. The node must be in the
// cluster, and must not be in the list of denied nodes.
import { serveUntilSigterm } from '../../../programs/server.mjs';
import { NodeAdmission } from './node-admission.mjs';

const { PORT = '', METRICS_PORT = '' } = process.env;
const admission = new NodeAdmission(process.env);

admission.watchLists();
serveUntilSigterm([
  { handler: admission.handleRequest, port: Number(PORT) },
  { handler: admission.handleMetricsRequest, port: Number(METRICS_PORT) },
]);
