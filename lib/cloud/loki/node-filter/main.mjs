// Node filter: runs in front of Loki if edge nodes authenticate by certificates. It sets the label `node` of all pushed
// streams to the node name in the certificate, so that a node cannot push log lines in the name of another node.
import { serveUntilSigterm } from '../../../programs/server.mjs';
import { NodeFilter } from './node-filter.mjs';

const { LISTEN_PORT = '' } = process.env;
const filter = new NodeFilter(process.env);

serveUntilSigterm([{ handler: filter.handleRequest, port: Number(LISTEN_PORT) }]);
