// Runs in front of a Loki to which edge nodes push with certificates. It sets the label `node` of all streams to the
// name in the certificate, whatever value the node sent.
import { serve } from '../../../programs/server.mjs';
import { NodeFilter } from './node-filter.mjs';

const { LISTEN_PORT = '' } = process.env;
const filter = new NodeFilter(process.env);

serve([{ handler: filter.answer, port: Number(LISTEN_PORT) }]);
