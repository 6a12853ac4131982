import { vmagentQueueFolderName, xxHash64 } from '../../lib/agents/queue-name';

test.each([
  ['', 'ef46db3751d8e999'],
  ['abc', '44bc2cf5ad770999'],
  ['Nobody inspects the spammish repetition', 'fbcea83c8a378bf1'],
])('XXH64 of %j is what its specification says', (text, hash) => {
  expect(xxHash64(Buffer.from(text)).toString(16)).toBe(hash);
});

test('a queue has the name that a real vmagent gave it', () => {
  expect(vmagentQueueFolderName('https://push.edge.example.com/api/v1/write')).toBe('1_C40DC9D32DE21EFB');
});

test('a query changes nothing: vmagent leaves it out', () => {
  expect(vmagentQueueFolderName('https://h.example.com/api/v1/write?tenant=a')).toBe(
    vmagentQueueFolderName('https://h.example.com/api/v1/write'),
  );
});
