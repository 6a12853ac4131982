// Stands before a Loki to which edge nodes push with certificates: the label `node` of what a node sends is the name in its
// certificate, whatever the node says.
import { serve } from '../../../programs/server.mjs';
import { NodeFilter } from './node-filter.mjs';

const { LISTEN_PORT = '' } = process.env;
const filter = new NodeFilter(process.env);

serve([{ handler: filter.answer, port: Number(LISTEN_PORT) }]);
