// Deletes what nobody pushes any more from the Pushgateways of a fleet: groups that were silent for too long, and
// copies that a node left behind in another shard. It reads the lists of their filters, and so also while a
// Pushgateway itself cannot be read.
import { setTimeout as sleep } from 'node:timers/promises';
import { Reaper } from './reaper.mjs';

const { INTERVAL_SECONDS = '' } = process.env;
const reaper = new Reaper(process.env);

process.on('SIGTERM', () => process.exit(0));
process.on('SIGINT', () => process.exit(0));
for (;;) {
  await reaper.reap();
  await sleep(Number(INTERVAL_SECONDS) * 1_000);
}
