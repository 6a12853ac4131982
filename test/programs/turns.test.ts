import { Turns } from '../../lib/programs/turns.mjs';

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

describe('turns', () => {
  test('are as many at once as are allowed, in the order in which they were asked for', async () => {
    const turns = new Turns(2, 10);
    const all = [work(), work(), work(), work()];
    const taken = all.map((one) => turns.runInTurn(one.begin, stays()));
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

  test('go on after work that failed', async () => {
    const turns = new Turns(1, 10);
    await expect(turns.runInTurn(() => Promise.reject(new Error('broken')), stays())).rejects.toThrow(
      'broken',
    );
    expect(await turns.runInTurn(async () => 'done', stays())).toBe('done');
  });

  test('are refused when too many wait', async () => {
    const turns = new Turns(1, 1);
    const [first, second] = [work(), work()];
    const taken = [turns.runInTurn(first.begin, stays()), turns.runInTurn(second.begin, stays())];
    await expect(turns.runInTurn(async () => {}, stays())).rejects.toMatchObject({
      status: 503,
      reason: 'busy',
    });
    first.end();
    second.end();
    await Promise.all(taken);
  });

  test('are given up by a client that leaves, whose place another one has', async () => {
    const turns = new Turns(1, 1);
    const first = work();
    const leaving = new AbortController();
    const taken = turns.runInTurn(first.begin, stays());
    const left = turns.runInTurn(async () => {}, leaving.signal);
    leaving.abort();
    await expect(left).rejects.toMatchObject({ reason: 'client_left' });
    await expect(turns.runInTurn(async () => {}, leaving.signal)).rejects.toMatchObject({
      reason: 'client_left',
    });
    const next = turns.runInTurn(async () => 'next', stays());
    first.end();
    await taken;
    expect(await next).toBe('next');
  });
});
