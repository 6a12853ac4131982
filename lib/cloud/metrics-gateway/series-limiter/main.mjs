// Series limiter: runs in front of the vmagent of the metrics gateway, and limits the number of series per
// node. It also rejects series whose names are reserved for cloud components. Rejected series are removed and
// counted; all other series are forwarded unchanged.
import { serveUntilSigterm } from '../../../programs/server.mjs';
import { SeriesLimiter } from './series-limiter.mjs';

const SAVE_MS = 60_000;

const { LISTEN_PORT = '' } = process.env;
const limiter = new SeriesLimiter(process.env);

setInterval(() => limiter.saveState(), SAVE_MS).unref();
serveUntilSigterm([{ handler: limiter.handleRequest, port: Number(LISTEN_PORT) }], () =>
  limiter.saveStateSync(),
);
