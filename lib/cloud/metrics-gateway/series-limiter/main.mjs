// Stands before a gateway of remote write: no node brings in more series than it may have, nor series of names that
// the cloud writes itself. What is beyond is cut out and counted; all else passes as it came.
import { serve } from '../../../programs/server.mjs';
import { SeriesLimiter } from './series-limiter.mjs';

const SAVE_MS = 60_000;

const { LISTEN_PORT = '' } = process.env;
const limiter = new SeriesLimiter(process.env);

setInterval(() => limiter.save(), SAVE_MS).unref();
serve([{ handler: limiter.answer, port: Number(LISTEN_PORT) }], () => limiter.saveAtEnd());
