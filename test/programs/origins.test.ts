import { type Origin, Origins } from '../../lib/programs/origins.mjs';

const key = (hostname: string, job = 'modem', group?: string) =>
  new Map(Object.entries({ job, hostname, ...(group && { group }) }));

describe('the origins of refused pushes', () => {
  let origins: Origins;

  beforeEach(() => {
    origins = new Origins(({ hostname }) => hostname === 'known', ['north']);
  });

  const named = (count: number, refused: (number: number) => Origin): Origin[] =>
    Array.from({ length: count }, (_, number) => refused(number));

  test('are told by group, node and job', () => {
    expect(origins.recordOriginOfRefusedPush(key('n1', 'modem', 'north'))).toEqual({
      group: 'north',
      node: 'n1',
      job: 'modem',
    });
    expect(origins.recordOriginOfRefusedPush(undefined)).toEqual({ group: '', node: '', job: '' });
  });

  test('name few of the nodes that somebody invents, and those that are known still', () => {
    const all = named(1_100, (number) => origins.recordOriginOfRefusedPush(key(`invented-${number}`)));
    expect(all.filter(({ node }) => node !== '')).toHaveLength(1_000);
    expect(origins.recordOriginOfRefusedPush(key('known'))).toEqual({ group: '', node: 'known', job: '' });
    expect(origins.recordOriginOfRefusedPush(key('invented-7'))).toMatchObject({ node: 'invented-7' });
  });

  test('name few of the jobs that a node of a group invents, and the nodes of others beside them', () => {
    const all = named(1_100, (number) =>
      origins.recordOriginOfRefusedPush(key('n2', `job-${number}`, 'north')),
    );
    expect(all.filter(({ job }) => job !== '')).toHaveLength(1_000);
    expect(origins.recordOriginOfRefusedPush(key('n5', 'other'))).toEqual({
      group: '',
      node: 'n5',
      job: 'other',
    });
  });

  test('name no group that there is not', () => {
    named(1_000, (number) => origins.recordOriginOfRefusedPush(key(`n${number}`, 'modem', 'invented')));
    expect(origins.recordOriginOfRefusedPush(key('n', 'modem', 'invented'))).toEqual({
      group: '',
      node: '',
      job: '',
    });
  });

  test('are forgotten when a hostile user was removed', () => {
    named(1_100, (number) => origins.recordOriginOfRefusedPush(key(`invented-${number}`)));
    origins.forgetNodesAndJobs();
    expect(origins.recordOriginOfRefusedPush(key('n1'))).toMatchObject({ node: 'n1' });
  });
});
