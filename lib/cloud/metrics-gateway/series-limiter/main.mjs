// Runs in front of a remote-write gateway and limits the number of series per node. It also rejects series whose names
// are reserved for the cloud. Rejected series are removed and counted; all others are forwarded unchanged.
import { serve } from '../../../programs/server.mjs';
import { SeriesLimiter } from './series-limiter.mjs';

const SAVE_MS = 60_000;

const { LISTEN_PORT = '' } = process.env;
const limiter = new SeriesLimiter(process.env);

setInterval(() => limiter.save(), SAVE_MS).unref();
serve([{ handler: limiter.answer, port: Number(LISTEN_PORT) }], () => limiter.saveAtEnd());
