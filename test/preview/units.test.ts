import { unitFormat } from '../../preview/grafana/units';
import grafana from './grafana-units.json';

// Written by the value formats of Grafana 13.2.3 itself.
const { values, texts, withOneDecimal } = grafana;

test.each(Object.entries(texts))('%s is written as Grafana writes it', (unit, expected) => {
  expect(values.map((value) => unitFormat(unit)(value))).toEqual(expected);
});

test.each(Object.entries(withOneDecimal))('%s with one decimal, too', (unit, expected) => {
  expect(values.map((value) => unitFormat(unit)(value, 1))).toEqual(expected);
});
