// Deletes groups from the Pushgateways of a fleet that are no longer pushed, and copies that a node left in another
// shard. It reads the lists of the filters, so it also works while the scrape of a Pushgateway fails.
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
