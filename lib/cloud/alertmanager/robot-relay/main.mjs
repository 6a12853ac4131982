// Robot relay: receives notifications from Alertmanager's webhook, and sends each of them to a robot in a
// chat group, in the robot's format. A robot responds with status 200 even to a message that it rejects, and
// reports the error only in the body. The relay responds with 200 only if the robot accepted the message, so
// that Alertmanager retries failed notifications and counts them.
import { serveUntilSigterm } from '../../../programs/server.mjs';
import { RobotRelay } from './robot-relay.mjs';

const { LISTEN_PORT = '' } = process.env;

serveUntilSigterm([{ handler: new RobotRelay(process.env).handleRequest, port: Number(LISTEN_PORT) }]);
