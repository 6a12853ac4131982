import uPlot from 'uplot';
import type { Theme } from '../grafana/colors';
import type { FieldOptions, Panel } from '../grafana/model';
import { isBinary, unitFormat } from '../grafana/units';
import { createElement } from './dom';
import { type Drawn, toDrawn } from './drawn';
import { createLegend } from './legend';
import type { Data } from './questions';
import { thresholdLines } from './threshold-lines';
import { tooltipPlugin } from './tooltip';

const AXIS = { light: '#24292E', dark: '#CCCCDC' };
const GRID = { light: 'rgba(36, 41, 46, 0.12)', dark: 'rgba(204, 204, 220, 0.12)' };
const FONT = '12px Inter, "DejaVu Sans", system-ui, sans-serif';
/** Possible distances between the ticks of an axis with binary units. */
const BINARY_STEPS = Array.from({ length: 60 }, (_, power) => 2 ** (power - 8));

/** Draws a chart of time series with uPlot, which Grafana uses too. */
export function drawTimeseries(body: HTMLElement, panel: Panel, data: Data, theme: Theme): void {
  const drawn = data.series.map((series, index) => toDrawn(panel, series, index, theme));
  const plot = createElement('div', { className: 'plot' });
  const legend = createLegend(panel, drawn, (shown) => {
    for (const [index, one] of drawn.entries()) chart.setSeries(index + 1, { show: shown.has(one) });
  });
  body.replaceChildren(plot, ...(legend ? [legend] : []));
  const size = { width: plot.clientWidth, height: plot.clientHeight };
  const chart = new uPlot(
    { ...chartOptions(panel, data, drawn, theme), ...size },
    chartValues(data, drawn),
    plot,
  );
}

/** Returns the times of all steps, and the values of each series at these times. Missing values are null. */
function chartValues({ range, step }: Data, drawn: readonly Drawn[]): uPlot.AlignedData {
  const count = Math.round((range.to - range.from) / step) + 1;
  const times = Array.from({ length: count }, (_, index) => range.from + index * step);
  const columns = drawn.map(({ series }) => {
    const column = new Array<number | null>(count).fill(null);
    series.times.forEach((time, index) => {
      const place = Math.round((time - range.from) / step);
      if (place >= 0 && place < count) column[place] = series.values[index] ?? null;
    });
    return column;
  });
  return [times, ...columns];
}

function chartOptions(
  panel: Panel,
  { range }: Data,
  drawn: readonly Drawn[],
  theme: Theme,
): Omit<uPlot.Options, 'width' | 'height'> {
  const options = panel.fieldConfig?.defaults ?? {};
  return {
    legend: { show: false },
    cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
    scales: {
      x: { time: true, min: range.from, max: range.to, auto: false },
      y: { range: scaleRange(options) },
    },
    axes: [timeAxis(theme), valueAxis(options, theme)],
    series: [{}, ...drawn.map(seriesLine)],
    plugins: [thresholdLines(options, theme), tooltipPlugin(panel, drawn)],
  };
}

function scaleRange({ min, max }: FieldOptions): uPlot.Scale.Range {
  return (_, least, most) => {
    if (least === null || most === null) return [min ?? 0, max ?? 1];
    const [from, to] = uPlot.rangeNum(least, most, 0.1, true);
    return [min ?? from ?? 0, max ?? to ?? 1];
  };
}

function seriesLine({ options: { custom = {} }, color }: Drawn): uPlot.Series {
  const { fillOpacity = 0, lineWidth = 1, lineStyle, spanNulls } = custom;
  const opacity = Math.round((fillOpacity / 100) * 255);
  return {
    stroke: color,
    width: lineWidth,
    fill: fillOpacity ? `${color}${opacity.toString(16).padStart(2, '0')}` : undefined,
    dash: lineStyle?.fill === 'dash' ? [...(lineStyle.dash ?? [10, 10])] : undefined,
    spanGaps: spanNulls === true,
    // Draws points for values without neighbors, because a line needs two values.
    points: { show: true, size: 5, fill: color, filter: isolatedPoints },
  };
}

const isolatedPoints: uPlot.Series.Points.Filter = (chart, index) => {
  const values = chart.data[index] ?? [];
  const isNull = (place: number) => values[place] === null || values[place] === undefined;
  return [...values.keys()].filter((place) => !isNull(place) && isNull(place - 1) && isNull(place + 1));
};

const baseAxis = (theme: Theme): uPlot.Axis => ({
  stroke: AXIS[theme],
  font: FONT,
  grid: { stroke: GRID[theme], width: 1 },
  ticks: { stroke: GRID[theme], width: 1, size: 4 },
});

function timeAxis(theme: Theme): uPlot.Axis {
  const padToTwoDigits = (figure: number) => `${figure}`.padStart(2, '0');
  return {
    ...baseAxis(theme),
    space: 60,
    size: 26,
    gap: 4,
    values: (_, times, _axis, _space, step) =>
      times.map((time) => {
        const date = new Date(time * 1000);
        const day = `${padToTwoDigits(date.getMonth() + 1)}/${padToTwoDigits(date.getDate())}`;
        if (step >= 86_400) return day;
        const clock = `${padToTwoDigits(date.getHours())}:${padToTwoDigits(date.getMinutes())}`;
        return step < 60 ? `${clock}:${padToTwoDigits(date.getSeconds())}` : clock;
      }),
  };
}

function valueAxis({ unit, decimals, custom }: FieldOptions, theme: Theme): uPlot.Axis {
  return {
    ...baseAxis(theme),
    ...(custom?.axisLabel ? { label: custom.axisLabel, labelFont: FONT, labelSize: 18 } : {}),
    ...(isBinary(unit) ? { incrs: BINARY_STEPS } : {}),
    space: 30,
    gap: 4,
    size: (_, texts) => 14 + Math.max(0, ...(texts ?? []).map((text) => text.length)) * 7,
    values: (_, values) => values.map((value) => withoutZeros(unitFormat(unit)(value, decimals))),
  };
}

/** Removes zeros at the end of decimals: an axis shows 2.5 instead of 2.50. */
const withoutZeros = (text: string): string =>
  text.replace(/(\.\d*?)0+(?=\D|$)/, '$1').replace(/\.(?=\D|$)/, '');
