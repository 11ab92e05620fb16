// One line per failure with its cause, and one line at the end that is no runner's summary: that one comes last, from
// the Rust tests.
export default async function* reporter(source) {
  const count = { pass: 0, fail: 0 };
  for await (const { type, data } of source) {
    if (type === 'test:pass' && data.details.type !== 'suite') count.pass += 1;
    if (type === 'test:fail') {
      const cause = data.details.error.cause ?? data.details.error;
      if (data.details.type !== 'suite') count.fail += 1;
      if (!String(cause.message ?? cause).includes('subtest')) yield `   FAILED ${data.name}\n   ${String(cause.message ?? cause).replaceAll('\n', '\n   ')}\n`;
    }
    if (type === 'test:stderr') yield data.message;
  }
  yield `   browser checks: ${count.pass} hold, ${count.fail} do not\n`;
}
