// The families of Tabler that pages may use. Kept by name, not by what templates hold today, so that a new page
// needs no new bundle and a page never loses its look because nobody had used a class before.
export const keep = [
  // layout
  /^(container|row|col|g|gx|gy|gap|d|flex|align|justify|order|m[tbsexy]?|p[tbsexy]?|w|h|sticky|position|overflow|top|start)(-|$)/,
  // text and borders
  /^(text|fw|fs|lh|small|h[1-6]|lead|border|rounded|visually|list-(un|in)|font-monospace|bg-(transparent|body))/,
  // components
  /^(btn(-primary|-ghost-secondary|-outline-danger|-danger|-sm|-lg|-icon|-link|-list|-close|-check)?$|disabled|active|show)/,
  /^(card(-(body|header|title|subtitle|footer|table|actions|sm|md|link))?$)/,
  /^(table(-(sm|hover|responsive|vcenter|active))?$)/,
  /^(form-(control|select|check|label|hint|fieldset|footer|text|required)|input-group|input-icon|is-invalid|invalid-feedback|required)/,
  /^(badge|list-group|nav(-(tabs|link|item|pills|underline))?$|alert|progress|spinner|avatar(-(sm|md|lg|rounded))?$|icon|empty|page-(item|link)|pagination)/,
  /^(dropdown-(menu|item|divider|header)|datagrid|status(-dot)?$|hr|subheader|modal-)/,
  // tags and states that purging would take for unused
  /^(a|abbr|article|aside|b|blockquote|button|caption|code|dd|details|dialog|dl|dt|em|fieldset|figcaption|figure|footer|form|h[1-6]|header|hr|i|img|input|kbd|label|legend|li|main|mark|meter|nav|ol|optgroup|option|output|p|pre|progress|s|section|select|small|span|strong|sub|summary|sup|svg|table|tbody|td|textarea|tfoot|th|thead|time|tr|ul)$/,
  /^(data-|type|open|lang|href|title|aria-|role|hidden|multiple|size)/,
];
