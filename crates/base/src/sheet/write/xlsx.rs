//! .xlsx in constant memory: rows go to a temporary file as they come.

use std::io::{self, Write};

use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

use super::{Column, Layout, Value};

/// The last row of a sheet, counted from 0.
const LAST_ROW: u32 = 1_048_575;
/// Characters that one cell may hold.
const MAX_TEXT: usize = 32_767;

pub struct XlsxWriter {
    workbook: Workbook,
    width: usize,
    next: u32,
    last: u16,
    explanation: Vec<Vec<String>>,
}

impl XlsxWriter {
    pub fn new(layout: &Layout) -> io::Result<Self> {
        let mut workbook = Workbook::new();
        let last = u16::try_from(layout.columns.len().saturating_sub(1)).map_err(io::Error::other)?;
        let sheet = workbook.add_worksheet_with_constant_memory().map_err(io::Error::other)?;
        header(sheet, layout).map_err(io::Error::other)?;
        let explanation = layout.explanation.clone();
        Ok(Self { workbook, width: layout.columns.len(), next: 1, last, explanation })
    }

    pub fn row(&mut self, values: &[Value]) -> io::Result<()> {
        if self.next > LAST_ROW {
            return Err(io::Error::other("一张工作表最多 1,048,576 行，请缩小范围或导出为 .csv"));
        }
        let row = self.next;
        let sheet = self.workbook.worksheet_from_index(0).map_err(io::Error::other)?;
        for (column, value) in (0_u16..).zip(values) {
            put(sheet, row, column, value).map_err(io::Error::other)?;
        }
        self.next += 1;
        Ok(())
    }

    pub fn finish<W: Write + Send>(mut self, mut out: W) -> io::Result<W> {
        let sheet = self.workbook.worksheet_from_index(0).map_err(io::Error::other)?;
        if self.width > 0 {
            sheet.autofilter(0, 0, self.next.saturating_sub(1).max(1), self.last).map_err(io::Error::other)?;
        }
        if !self.explanation.is_empty() {
            explain(&mut self.workbook, &self.explanation).map_err(io::Error::other)?;
        }
        let bytes = self.workbook.save_to_buffer().map_err(io::Error::other)?;
        out.write_all(&bytes)?;
        Ok(out)
    }
}

fn header(sheet: &mut Worksheet, layout: &Layout) -> Result<(), XlsxError> {
    let style = Format::new()
        .set_bold()
        .set_background_color(Color::RGB(0x00DD_E7F3))
        .set_border(FormatBorder::Thin)
        .set_align(FormatAlign::Center)
        .set_align(FormatAlign::VerticalCenter)
        .set_text_wrap();
    // As text, an identity number typed into a template keeps its digits.
    let text = Format::new().set_num_format("@");
    sheet.set_name(sheet_name(&layout.name))?;
    sheet.set_freeze_panes(1, 0)?;
    for (at, column) in (0_u16..).zip(&layout.columns) {
        sheet.set_column_width(at, column.width)?;
        sheet.set_column_format(at, &text)?;
        choices(sheet, at, column)?;
    }
    for (at, column) in (0_u16..).zip(&layout.columns) {
        sheet.write_string_with_format(0, at, &column.header, &style)?;
    }
    Ok(())
}

fn choices(sheet: &mut Worksheet, at: u16, column: &Column) -> Result<(), XlsxError> {
    if column.choices.is_empty() && column.hint.is_empty() {
        return Ok(());
    }
    let mut rule = DataValidation::new();
    // A list is limited to 255 characters by the format; a longer one is left to the explanation sheet.
    let length: usize = column.choices.iter().map(|choice| choice.encode_utf16().count() + 1).sum();
    if (1..=255).contains(&length) {
        rule = rule.allow_list_strings(&column.choices)?.set_error_style(DataValidationErrorStyle::Warning);
    } else {
        rule = rule.allow_any_value();
    }
    if !column.hint.is_empty() {
        rule = rule.set_input_message(column.hint.chars().take(120).collect::<String>())?;
    }
    sheet.add_data_validation(1, at, LAST_ROW, at, &rule)?;
    Ok(())
}

fn put(sheet: &mut Worksheet, row: u32, column: u16, value: &Value) -> Result<(), XlsxError> {
    match value {
        Value::Empty => {}
        Value::Number(number) => {
            sheet.write_number(row, column, *number)?;
        }
        Value::Text(_) | Value::Day(_) => {
            let text: String = value.to_string().chars().take(MAX_TEXT).collect();
            sheet.write_string(row, column, text)?;
        }
    }
    Ok(())
}

fn explain(workbook: &mut Workbook, lines: &[Vec<String>]) -> Result<(), XlsxError> {
    let wrap = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    let sheet = workbook.add_worksheet();
    sheet.set_name("填表说明")?;
    for (at, width) in [(0, 18.0), (1, 10.0), (2, 60.0), (3, 40.0)] {
        sheet.set_column_width(at, width)?;
    }
    for (row, line) in (0_u32..).zip(lines) {
        for (column, text) in (0_u16..).zip(line) {
            sheet.write_string_with_format(row, column, text, &wrap)?;
        }
    }
    Ok(())
}

/// A sheet's name may not hold `[]:*?/\` nor be longer than 31 characters.
fn sheet_name(name: &str) -> String {
    let kept: String = name.chars().filter(|c| !"[]:*?/\\'".contains(*c)).take(31).collect();
    if kept.is_empty() { "Sheet1".to_owned() } else { kept }
}
