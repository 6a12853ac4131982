import type { Graph } from '@viz-js/viz';
import { groupBy } from '../synthesis/group-by';
import type { FlowGraph, Place } from './flow-graph';

/** Font for Graphviz, which knows the character widths of Verdana. On Linux, DejaVu Sans with the same widths replaces Verdana. */
const FONT = 'Verdana';
const FONTS = 'Verdana,DejaVu Sans,Geneva,sans-serif';

/** Background colors of frames, by the prefix of their titles. */
const FRAME_COLORS: readonly (readonly [string, string])[] = [
  ['each edge node', '#e8f5e9'],
  ['each cloud node', '#f3f0fa'],
  ['the cloud', '#e7f0fb'],
];

/** Draws the graph of an environment as SVG, with Graphviz compiled to WebAssembly. */
export async function renderSvg(environment: string, graph: FlowGraph): Promise<string> {
  const { instance } = await import('@viz-js/viz');
  const viz = await instance();
  const svg = viz.renderString(toGraphvizGraph(`how data flows: ${environment}`, graph), { format: 'svg' });
  return svg.replaceAll(`font-family="${FONT}"`, `font-family="${FONTS}"`);
}

function toGraphvizGraph(title: string, { places, flows }: FlowGraph): Graph {
  const frames = [...groupBy(places, ({ frame }) => frame ?? '')];
  return {
    directed: true,
    graphAttributes: {
      ...{ label: title, labelloc: 't', fontname: FONT, fontsize: 14 },
      ...{ rankdir: 'TB', bgcolor: 'white', nodesep: 0.18, ranksep: 0.42, pad: 0.15 },
    },
    nodeAttributes: {
      shape: 'box',
      style: 'filled,rounded',
      fillcolor: 'white',
      fontname: FONT,
      fontsize: 12,
      color: '#7c8790',
      margin: '0.12,0.05',
    },
    edgeAttributes: { fontname: FONT, fontsize: 10, color: '#5b6770', fontcolor: '#3d464d', arrowsize: 0.7 },
    subgraphs: frames
      .filter(([frame]) => frame)
      .map(([frame, members], index) => ({
        name: `cluster_${index}`,
        graphAttributes: {
          ...{
            label: frame,
            labeljust: 'l',
            fontname: FONT,
            fontsize: 12,
            style: 'filled,rounded',
            color: '#c4ccd4',
          },
          fillcolor: FRAME_COLORS.find(([begin]) => frame.startsWith(begin))?.[1] ?? 'white',
        },
        nodes: members.map(graphvizNode),
      })),
    nodes: frames.flatMap(([frame, members]) => (frame ? [] : members.map(graphvizNode))),
    edges: flows.map(({ from, to, label }) => ({
      tail: from,
      head: to,
      attributes: { label: ` ${label} ` },
    })),
  };
}

function graphvizNode({ id, name, detail, frame }: Place) {
  const second = detail && `<br/><font point-size="9" color="#5b6770">${escapeHtml(detail)}</font>`;
  return {
    name: id,
    attributes: {
      label: { html: `<b>${escapeHtml(name)}</b>${second}` },
      ...(frame === undefined && { fillcolor: '#fff8e6' }),
    },
  };
}

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
