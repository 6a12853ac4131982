import { rawAlloyExpression, renderAlloyConfig } from '../../lib/agents/alloy/syntax';

test('blocks, attributes and expressions are written in Alloy’s syntax', () => {
  const text = renderAlloyConfig([
    {
      block: 'loki.write',
      label: 'default',
      attributes: {
        forward_to: [rawAlloyExpression('a.b.receiver')],
        values: { a: 'b', n: rawAlloyExpression('sys.env("N")') },
        on: true,
        n: 0,
      },
      blocks: [{ block: 'endpoint', attributes: { url: 'http://a "quoted"' } }, { block: 'stage.cri' }],
    },
  ]);
  expect(text).toBe(`loki.write "default" {
  forward_to = [a.b.receiver]
  values = {"a" = "b", "n" = sys.env("N")}
  on = true
  n = 0
  endpoint {
    url = "http://a \\"quoted\\""
  }
  stage.cri { }
}
`);
});
