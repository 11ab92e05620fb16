// Draws each <figure class="chart"> from its JSON block. The figures stand in the table below it, so a page without
// this script loses nothing but the picture. No style attributes (CSP): tooltips are drawn, not laid out.
import { BarChart, LineChart, MapChart, PieChart, TreemapChart } from 'echarts/charts';
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent, VisualMapComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

echarts.use([
  BarChart, LineChart, MapChart, PieChart, TreemapChart,
  AriaComponent, GridComponent, LegendComponent, TooltipComponent, VisualMapComponent, SVGRenderer,
]);

type Options = Parameters<echarts.ECharts['setOption']>[0];
type Spec = { kind?: string; links?: Record<string, string>; map?: string; names?: Record<string, string>; option: Record<string, unknown> };

const token = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Colours come from the page's tokens, so charts follow dark mode and print as pages do. */
function look() {
  const [ink, muted, line] = [token('--ink'), token('--muted'), token('--line')];
  const axis = { axisLine: { lineStyle: { color: line } }, axisTick: { show: false }, axisLabel: { color: muted }, splitLine: { lineStyle: { color: line } } };
  return {
    color: ['--c1', '--c2', '--c3', '--c4', '--c5', '--c6'].map(token),
    textStyle: { color: ink, fontFamily: getComputedStyle(document.body).fontFamily },
    categoryAxis: { ...axis, splitLine: { show: false } },
    valueAxis: { ...axis, axisLine: { show: false } },
    legend: { textStyle: { color: muted }, itemWidth: 12, itemHeight: 8 },
    treemap: { label: { color: token('--paper') }, itemStyle: { borderColor: token('--paper'), borderWidth: 1, gapWidth: 1 } },
  };
}

async function draw(figure: HTMLElement) {
  const block = figure.querySelector('script[type="application/json"]');
  const place = figure.querySelector<HTMLElement>('.chart-place');
  if (!block?.textContent || !place) return;
  const spec = JSON.parse(block.textContent) as Spec;
  if (spec.map) {
    const answer = await fetch(spec.map);
    if (!answer.ok) throw new Error(`${spec.map}: ${answer.status}`);
    echarts.registerMap(spec.map, (await answer.json()) as Parameters<typeof echarts.registerMap>[1]);
    // Parts are known by their codes; people read names.
    const said = (params: { name: string; value?: number }) => spec.names?.[params.name] ?? params.name;
    const series = (spec.option.series as Record<string, unknown>[]) ?? [];
    for (const one of series) {
      one.label = { show: true, fontSize: 11, color: token('--ink'), formatter: said };
      one.itemStyle = { areaColor: token('--line'), borderColor: token('--paper') };
      one.emphasis = { label: { color: token('--ink') }, itemStyle: { areaColor: token('--c4') } };
      one.select = { disabled: true };
      one.tooltip = { formatter: (params: { name: string; value?: number }) => `${said(params)} ${params.value || 0}` };
    }
    spec.option.visualMap = {
      ...(spec.option.visualMap as object), inRange: { color: [token('--line'), token('--c1')] }, textStyle: { color: token('--muted') },
    };
  }
  const chart = echarts.init(place, look(), { renderer: 'svg' });
  const tooltip = { renderMode: 'richText', confine: true, backgroundColor: token('--paper'), borderColor: token('--line'), textStyle: { color: token('--ink') } };
  const grid = { left: 8, right: 12, top: 28, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' };
  const { tooltip: asked, grid: edges, ...rest } = spec.option;
  const quiet = matchMedia('(prefers-reduced-motion: reduce)').matches;
  chart.setOption({
    animation: !quiet, animationDuration: 250,
    ...('xAxis' in rest ? { grid: { ...grid, ...(edges as object) } } : {}),
    tooltip: { ...tooltip, ...(asked as object) },
    ...rest,
  } as Options);
  // Each figure opens its records.
  chart.on('click', (event) => {
    const href = spec.links?.[event.name];
    if (href && /^\/(?!\/)/.test(href)) location.assign(href);
  });
  new ResizeObserver(() => chart.resize()).observe(place);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    chart.dispose();
    void draw(figure);
  }, { once: true });
}

const drawAll = () => document.querySelectorAll<HTMLElement>('figure.chart:not([data-drawn])').forEach((figure) => {
  figure.dataset.drawn = 'yes';
  const table = figure.querySelector('details');
  if (table) table.open = false; // it stood open for pages without this script
  draw(figure).catch(() => {
    delete figure.dataset.drawn;
    if (table) table.open = true;
  });
});
drawAll();
document.addEventListener('htmx:afterSwap', drawAll);
// Paper shows the figures, not only the picture.
addEventListener('beforeprint', () => document.querySelectorAll<HTMLDetailsElement>('.chart details').forEach((table) => (table.open = true)));
