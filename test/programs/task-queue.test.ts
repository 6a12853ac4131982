import { TaskQueue } from '../../lib/programs/task-queue.mjs';

const stays = () => new AbortController().signal;

/** Work that continues until it is stopped. */
function work() {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  let hasBegun = false;
  const begin = () => {
    hasBegun = true;
    return ended;
  };
  return { begin, end: () => end(), hasBegun: () => hasBegun };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('task queue', () => {
  test('runs as many tasks at once as allowed, in order of arrival', async () => {
    const queue = new TaskQueue(2, 10);
    const all = [work(), work(), work(), work()];
    const taken = all.map((one) => queue.runWhenSlotIsFree(one.begin, stays()));
    await settled();
    expect(all.map((one) => one.hasBegun())).toEqual([true, true, false, false]);
    all[1]?.end();
    await taken[1];
    await settled();
    expect(all.map((one) => one.hasBegun())).toEqual([true, true, true, false]);
    for (const one of all) one.end();
    await Promise.all(taken);
    expect(all[3]?.hasBegun()).toBe(true);
  });

  test('continues after a failed task', async () => {
    const queue = new TaskQueue(1, 10);
    await expect(queue.runWhenSlotIsFree(() => Promise.reject(new Error('broken')), stays())).rejects.toThrow(
      'broken',
    );
    expect(await queue.runWhenSlotIsFree(async () => 'done', stays())).toBe('done');
  });

  test('refuses a task when too many tasks wait', async () => {
    const queue = new TaskQueue(1, 1);
    const [first, second] = [work(), work()];
    const taken = [
      queue.runWhenSlotIsFree(first.begin, stays()),
      queue.runWhenSlotIsFree(second.begin, stays()),
    ];
    await expect(queue.runWhenSlotIsFree(async () => {}, stays())).rejects.toMatchObject({
      status: 503,
      reason: 'busy',
    });
    first.end();
    second.end();
    await Promise.all(taken);
  });

  test('removes the waiting task of a client that disconnects, so that another task can wait', async () => {
    const queue = new TaskQueue(1, 1);
    const first = work();
    const leaving = new AbortController();
    const taken = queue.runWhenSlotIsFree(first.begin, stays());
    const left = queue.runWhenSlotIsFree(async () => {}, leaving.signal);
    leaving.abort();
    await expect(left).rejects.toMatchObject({ reason: 'client_left' });
    await expect(queue.runWhenSlotIsFree(async () => {}, leaving.signal)).rejects.toMatchObject({
      reason: 'client_left',
    });
    const next = queue.runWhenSlotIsFree(async () => 'next', stays());
    first.end();
    await taken;
    expect(await next).toBe('next');
  });
});
