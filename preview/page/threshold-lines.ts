import type uPlot from 'uplot';
import { colorOf, type Theme } from '../grafana/colors';
import type { FieldOptions } from '../grafana/model';

/**
 * Returns a plugin of the chart that draws horizontal lines at thresholds. It draws nothing if the panel shows no
 * threshold lines.
 */
export function thresholdLines({ thresholds, custom }: FieldOptions, theme: Theme): uPlot.Plugin {
  const mode = custom?.thresholdsStyle?.mode ?? 'off';
  const drawThresholds = (chart: uPlot) => {
    const { ctx, bbox } = chart;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.lineWidth = 2 * devicePixelRatio;
    ctx.setLineDash(mode.includes('dashed') ? [10 * devicePixelRatio, 10 * devicePixelRatio] : []);
    for (const { value, color } of thresholds?.steps ?? []) {
      if (value === null) continue;
      const y = chart.valToPos(value, 'y', true);
      ctx.strokeStyle = colorOf(color, theme);
      ctx.beginPath();
      ctx.moveTo(bbox.left, y);
      ctx.lineTo(bbox.left + bbox.width, y);
      ctx.stroke();
    }
    ctx.restore();
  };
  return { hooks: /line|dashed/.test(mode) ? { draw: [drawThresholds] } : {} };
}
