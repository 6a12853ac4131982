// Forwards alerts to robots in groups of messengers: receives the webhook of Alertmanager and sends each notification
// in the robot's format. A robot also responds with 200 to a message that it rejects, and reports the error in the body
// only. This program responds with 200 only to what the robot accepted, so that Alertmanager retries and counts
// failures.
import { serve } from '../../../programs/server.mjs';
import { RobotRelay } from './robot-relay.mjs';

const { LISTEN_PORT = '' } = process.env;

serve([{ handler: new RobotRelay(process.env).answer, port: Number(LISTEN_PORT) }]);
