// Answers to guards whether a node may push: it must be a node of the cluster, and not be in the list of denied nodes.
import { serve } from '../../../programs/server.mjs';
import { NodeAdmission } from './node-admission.mjs';

const { PORT = '', METRICS_PORT = '' } = process.env;
const admission = new NodeAdmission(process.env);

admission.follow();
serve([
  { handler: admission.answer, port: Number(PORT) },
  { handler: admission.show, port: Number(METRICS_PORT) },
]);
