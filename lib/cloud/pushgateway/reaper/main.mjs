// Reaper: deletes groups that are no longer pushed from the shards of a Pushgateway. Also deletes copies of
// groups in a shard to which the node no longer pushes. The reaper reads the list of groups from the push
// filters, so it also works while a scrape of Pushgateway fails.
import { setTimeout as sleep } from 'node:timers/promises';
import { Reaper } from './reaper.mjs';

const { INTERVAL_SECONDS = '' } = process.env;
const reaper = new Reaper(process.env);

process.on('SIGTERM', () => process.exit(0));
process.on('SIGINT', () => process.exit(0));
for (;;) {
  await reaper.deleteStaleGroups();
  await sleep(Number(INTERVAL_SECONDS) * 1_000);
}
