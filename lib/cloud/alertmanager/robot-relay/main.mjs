// Tells robots in groups of messengers of alerts: takes what Alertmanager sends to a webhook, and sends it on as the robot
// reads it. A robot answers 200 to what it refuses, and says so in the body alone; only what it took is answered with 200
// here, so that Alertmanager tries again and counts what fails.
import { serve } from '../../../programs/server.mjs';
import { RobotRelay } from './robot-relay.mjs';

const { LISTEN_PORT = '' } = process.env;

serve([{ handler: new RobotRelay(process.env).answer, port: Number(LISTEN_PORT) }]);
