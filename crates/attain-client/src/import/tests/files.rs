//! Files as they come: encodings, delimiters, workbooks, and everything that can be wrong with one as a whole.

use std::ops::ControlFlow;

use attain_store::StoreError;

use super::super::{Certainty, Input, Kind, Preview, Progress, Report, Request, Stage, preview, run};
use super::{Company, ORDERS, hr, memory, now};
use crate::problem::Problem;

const CHINESE: &str = "订单号,客户,业务员,日期,金额,状态\n甲-1,上海酒店,zhang,2026年9月1日,\"￥1,234.50\",签单\n甲-2,\"北京\n餐厅\",wu,2026/9/2,88,退款\n";

fn code(bytes: impl AsRef<[u8]>) -> String {
    let mut company = Company::new();
    let before = company.trace();
    let error = company.try_request(&memory(Kind::Order, bytes)).unwrap_err();
    assert_eq!(company.trace(), before);
    let problem = Problem::from(error);
    for language in [crate::language::Language::Chinese, crate::language::Language::English] {
        let message = language.message(&format!("problem.{}", problem.code), &problem.params);
        assert!(!message.contains('{') && !message.starts_with("problem."), "{message}");
    }
    problem.code.to_string()
}

fn customers(company: &Company) -> Vec<String> {
    let lines =
        company.store.view().orders(None, "2000-01-01".parse().unwrap(), "2100-01-01".parse().unwrap(), 100).unwrap();
    let mut all: Vec<String> =
        lines.into_iter().map(|l| format!("{} {} {}", l.id, l.customer_id, l.amount.amount())).collect();
    all.sort();
    all
}

#[test]
fn encodings_and_delimiters() {
    let expected = ["甲-1 上海酒店 1234.50", "甲-2 北京\n餐厅 88.00"];
    let utf16 = |big: bool| -> Vec<u8> {
        "\u{feff}"
            .encode_utf16()
            .chain(CHINESE.encode_utf16())
            .flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() })
            .collect()
    };
    let gbk = encoding_rs::GBK.encode(CHINESE).0.into_owned();
    // Far behind the part that is looked at first, one Chinese cell decides.
    let mut late = String::from("order_id,customer_id,person_id,date,amount,event\n");
    for i in 0..40_000 {
        late.push_str(&format!("Z{i},customer {i},zhang,2025-01-01,1.00,cancelled\n"));
    }
    late.push_str(&CHINESE[CHINESE.find('甲').unwrap()..]);
    let late_gbk = encoding_rs::GBK.encode(&late).0.into_owned();
    for (name, bytes) in [
        ("plain", CHINESE.as_bytes().to_vec()),
        ("with a mark", format!("\u{feff}{CHINESE}").into_bytes()),
        ("utf-16le", utf16(false)),
        ("utf-16be", utf16(true)),
        ("gbk", gbk),
        ("gb18030", encoding_rs::GB18030.encode(CHINESE).0.into_owned()),
        ("windows lines", CHINESE.replace('\n', "\r\n").replace("北京\r\n", "北京\n").into_bytes()),
        ("semicolons", CHINESE.replace(',', ";").replace("1;234", "1,234").into_bytes()),
        ("tabs", CHINESE.replace(',', "\t").replace("1\t234", "1,234").into_bytes()),
        ("late", late_gbk),
    ] {
        let mut company = Company::new();
        company.takes(Kind::Order, bytes);
        let found = customers(&company);
        assert_eq!(
            found.iter().filter(|c| c.starts_with('甲')).collect::<Vec<_>>(),
            expected.iter().collect::<Vec<_>>(),
            "{name}"
        );
    }
}

#[test]
fn a_late_chinese_cell_in_a_real_file() {
    let mut company = Company::new();
    let path = company.dir.path().join("late.csv");
    let mut late = String::from("order_id,customer_id,person_id,date,amount,event\n");
    for i in 0..40_000 {
        late.push_str(&format!("Z{i},customer {i},zhang,2025-01-01,1.00,cancelled\n"));
    }
    late.push_str("甲-1,上海酒店,zhang,2025-01-01,1.00,booked\n");
    std::fs::write(&path, encoding_rs::GBK.encode(&late).0).unwrap();
    assert_eq!(preview(&Input::File(path.clone()), None, None).unwrap().encoding, "GBK");
    let report = company.try_request(&Request::of(Kind::Order, Input::File(path))).unwrap();
    assert_eq!((report.imported, report.rejected), (40_001, 0));
    assert!(customers(&company).iter().any(|line| line == "甲-1 上海酒店 1.00") || customers(&company).len() == 100);
}

#[test]
fn what_cannot_come_in_says_why() {
    let header = ORDERS.lines().next().unwrap();
    let damaged = [CHINESE.as_bytes(), b"\xe4\xb8\xad\xff\xff,C,zhang,2026-09-01,1,x\n"].concat();
    for (bytes, expected) in [
        (b"".to_vec(), "file_empty"),
        (b" \r\n\n".to_vec(), "file_empty"),
        (header.as_bytes().to_vec(), "file_empty"),
        (format!("{header}\n,,,\n\n").into_bytes(), "file_empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), "not_a_table"),
        (b"%PDF-1.7\n%\xe2\xe3".to_vec(), "not_a_table"),
        (b"PK\x03\x04 is a zip but no workbook".to_vec(), "not_a_table"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec(), "not_a_table"),
        ((0u8..=31).collect(), "not_a_table"),
        (damaged, "wrong_encoding"),
        (b"order_id,amount\n1,2\n".to_vec(), "missing_columns"),
        (format!("{header}\n\"O1,{}", "x,".repeat(3_000_000)).into_bytes(), "file_too_large"),
    ] {
        assert_eq!(code(&bytes), expected, "{:?}", &bytes[..bytes.len().min(30)]);
    }
}

#[test]
fn the_row_that_cannot_be_decoded_is_named() {
    let text: Vec<u8> = [CHINESE.as_bytes(), "中文中文中文,".as_bytes(), b"\xff,zhang,2026-09-01,1,x\n"].concat();
    let error = Company::new().try_request(&memory(Kind::Order, text)).unwrap_err();
    let row = error.params().into_iter().find(|(name, _)| name == "row").unwrap().1;
    assert_eq!((error.code(), row.as_str()), ("wrong_encoding", "4"));
}

#[test]
fn missing_columns_are_named_and_a_mapping_finds_them() {
    let text = "no,who,what,when,how much,state\n1,zhang,C1,01/09/2026,\"1.234,50\",won\n2,zhang,C1,02/09/2026,\"5,00\",lost\n";
    let error = Company::new().try_request(&memory(Kind::Order, text)).unwrap_err();
    assert_eq!(error.params(), [("columns".to_string(), "order_id, customer_id, person_id, date, amount".to_string())]);
    let mapping = "kind = \"order\"\n[columns]\norder_id = \"No\"\ncustomer_id = \"what\"\nperson_id = \"who\"\ndate = \"when\"\namount = \"HOW MUCH\"\nevent = \"state\"\n[constants]\nproduct = \"beans\"\n[values.event]\nwon = \"booked\"\nlost = \"cancelled\"\n[format]\ndate = \"DD/MM/YYYY\"\ndecimal_comma = true\n";
    let mut company = Company::new();
    let report = company.mapped(Kind::Order, mapping, text);
    assert_eq!((report.imported, report.findings.len()), (2, 0));
    assert_eq!(customers(&company), ["1 C1 1234.50", "2 C1 5.00"]);
    let request = Request {
        mapping: Some(super::Mapping::parse(&mapping.replace("\"No\"", "\"number\"")).unwrap()),
        ..memory(Kind::Order, text)
    };
    assert_eq!(company.try_request(&request).unwrap_err().code(), "mapped_column_missing");
}

/// A workbook of one sheet and one shared text, as small as deflate makes it.
fn packed(sheet: &str, text: &str) -> Vec<u8> {
    use std::io::Write;
    let relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let links = |links: &str| format!("<Relationships>{links}</Relationships>");
    let parts = [
        (
            "_rels/.rels",
            links(&format!("<Relationship Id=\"r1\" Type=\"{relation}/officeDocument\" Target=\"xl/workbook.xml\"/>")),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{relation}\"><sheets><sheet name=\"S\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            links(&format!("<Relationship Id=\"r1\" Type=\"{relation}/worksheet\" Target=\"worksheets/sheet1.xml\"/>")),
        ),
        ("xl/sharedStrings.xml", format!("<sst xmlns=\"{main}\"><si><t>{text}</t></si></sst>")),
        ("xl/worksheets/sheet1.xml", format!("<worksheet xmlns=\"{main}\"><sheetData>{sheet}</sheetData></worksheet>")),
    ];
    let mut file = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, part) in parts {
        file.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        file.write_all(part.as_bytes()).unwrap();
    }
    file.finish().unwrap().into_inner()
}

#[test]
fn a_small_file_that_unpacks_to_a_huge_one_is_too_large() {
    let row = |at: u32, cells: &str| format!("<row r=\"{at}\">{cells}</row>");
    let cell = |at: &str| format!("<c r=\"{at}\" t=\"s\"><v>0</v></c>");
    let harmless = packed(&row(1, &cell("A1")), "order_id");
    assert_eq!(code(&harmless), "missing_columns");
    let blanks = packed(&" ".repeat(300 << 20), "order_id");
    let apart = packed(&[row(1, &cell("A1")), row(1_048_576, &cell("XFD1048576"))].concat(), "order_id");
    let same: String = (1..=1000).map(|at| row(at, &cell(&format!("A{at}")))).collect();
    let echoes = packed(&same, &"x".repeat(1 << 20));
    for (what, bomb) in [("blanks", blanks), ("apart", apart), ("echoes", echoes)] {
        assert!(bomb.len() < 1 << 20, "{what} has {} bytes", bomb.len());
        assert_eq!(code(&bomb), "file_too_large", "{what}");
    }
}

fn workbook() -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    book.add_worksheet().set_name("说明").unwrap();
    let sheet = book.add_worksheet().set_name("订单").unwrap();
    for (column, header) in ["订单号", "客户", "业务员", "日期", "金额", "状态"].iter().enumerate() {
        sheet.write(2, column as u16, *header).unwrap();
    }
    let date = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
    // 14 to 36 are dates in a Chinese spreadsheet only: the file carries a bare number.
    let cjk = rust_xlsxwriter::Format::new().set_num_format_index(31);
    for (row, (order, number, format)) in [("O1", 46_266.0, &date), ("O2", 46_267.0, &cjk)].into_iter().enumerate() {
        let row = row as u32 + 3;
        sheet.write(row, 0, order).unwrap();
        sheet.write(row, 1, "上海酒店").unwrap();
        sheet.write(row, 2, "zhang").unwrap();
        sheet.write_number_with_format(row, 3, number, format).unwrap();
        sheet.write(row, 4, 0.1 + 0.2).unwrap();
        sheet.write(row, 5, "签单").unwrap();
    }
    sheet.write(5, 0, "O3").unwrap();
    book.save_to_buffer().unwrap()
}

#[test]
fn workbooks() {
    let mut company = Company::new();
    let report = company.import(Kind::Order, workbook());
    assert_eq!((report.rows, report.imported, report.rejected), (3, 2, 1));
    // The row is that of the sheet, whose table begins further down.
    assert!(report.findings.iter().all(|f| f.row == 6));
    let lines =
        company.store.view().orders(None, "2026-09-01".parse().unwrap(), "2026-09-03".parse().unwrap(), 9).unwrap();
    let lines: Vec<String> = lines.iter().map(|l| format!("{} {} {}", l.id, l.date, l.amount.amount())).collect();
    assert_eq!(lines, ["O2 2026-09-02 0.30", "O1 2026-09-01 0.30"]);
    assert_eq!(company.import(Kind::Order, workbook()).unchanged, 2);
    let request = Request { sheet: Some("nowhere".into()), ..memory(Kind::Order, workbook()) };
    assert_eq!(company.try_request(&request).unwrap_err().code(), "unknown_sheet");
    let seen = preview(&Input::Memory { name: "b.xlsx".into(), bytes: workbook() }, None, Some("订单")).unwrap();
    assert_eq!((seen.kind, seen.encoding.as_str(), seen.row_count), (Some(Kind::Order), "XLSX", 3));
    assert_eq!(seen.sheets, ["说明", "订单"]);
}

#[test]
fn a_preview_shows_what_each_column_may_be() {
    let input = Input::Memory { name: "orders.csv".into(), bytes: format!("{CHINESE},,,,,\n").into_bytes() };
    let Preview { kind, columns, rows, fields, row_count, encoding, .. } = preview(&input, None, None).unwrap();
    assert_eq!((kind, row_count, encoding.as_str(), rows[0][1].as_str()), (Some(Kind::Order), 2, "UTF-8", "上海酒店"));
    let seen: Vec<_> = columns.iter().map(|c| (c.header.as_str(), c.field, c.certainty, c.filled)).collect();
    assert_eq!(seen[0], ("订单号", Some("order_id"), Certainty::Guess, 2));
    assert!(fields.iter().any(|f| f.name == "amount" && f.required));
    let input = Input::Memory { name: "x.csv".into(), bytes: b"order_id,colour\n1,\n".to_vec() };
    let seen = preview(&input, Some(Kind::Order), None).unwrap();
    let certainty: Vec<_> = seen.columns.iter().map(|c| (c.field, c.certainty.name(), c.filled)).collect();
    assert_eq!(certainty, [(Some("order_id"), "exact", 1), (None, "none", 0)]);
    assert_eq!(preview(&input, None, None).unwrap().kind, None);
}

/// Enough rows that an import is well under way when it stops.
fn long() -> String {
    let mut text = String::from("order_id,customer_id,person_id,date,amount\n");
    for i in 0..60_000 {
        text.push_str(&format!("L{i},C{},zhang,2026-0{}-15,{i}.00\n", i % 997, 1 + i % 9));
    }
    text
}

fn stopped(at: impl Fn(Progress) -> bool, request: &Request) -> Report {
    let mut company = Company::selling();
    let before = company.trace();
    let stop = |p: Progress| if at(p) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
    let report = run(&mut company.store, &hr(), request, &now(), &mut { stop }).unwrap();
    assert_eq!(company.trace(), before);
    // What was there can still be worked with.
    company.takes(Kind::Order, long());
    company.figures();
    report
}

#[test]
fn a_cancelled_import_leaves_no_trace() {
    for stage in [Stage::Reading, Stage::Figures, Stage::Writing] {
        let report = stopped(|p| p.stage == stage && p.done > 0, &memory(Kind::Order, long()));
        assert!(report.cancelled && report.imported == 0, "{stage:?}");
    }
    for stage in [Stage::Reading, Stage::Checking, Stage::Writing, Stage::Figures] {
        let goals = "goal_id,parent_id,owner_id,metric,period,target,locked\ng,,co,sales_amount,2026,1,\n";
        assert!(stopped(|p| p.stage == stage, &memory(Kind::Goal, goals)).cancelled, "{stage:?}");
    }
}

#[test]
fn a_dry_run_leaves_no_trace() {
    let request = Request { dry_run: true, ..memory(Kind::Order, long()) };
    let report = stopped(|_| false, &request);
    assert!(report.dry_run && !report.cancelled && report.changed.is_none());
    assert_eq!((report.rows, report.imported), (60_000, 60_000));
    let mut company = Company::new();
    let before = company.trace();
    let text = "unit_id,name,parent_id,kind\nbing,Bing,A,team\nx,X,nowhere,team\n";
    let report = company.try_request(&Request { dry_run: true, ..memory(Kind::Unit, text) }).unwrap();
    assert_eq!((report.imported, report.rejected, report.findings.len()), (1, 1, 1));
    assert_eq!(company.trace(), before);
}

#[test]
fn a_file_that_goes_away_is_not_half_imported() {
    type Harm = fn(&std::path::Path);
    let harms: [Harm; 3] = [
        |path| std::fs::remove_file(path).unwrap(),
        |path| std::fs::File::options().write(true).open(path).unwrap().set_len(100_000).unwrap(),
        |path| std::fs::write(path, "order_id,customer_id\n").unwrap(),
    ];
    for harm in harms {
        let mut company = Company::selling();
        let before = company.trace();
        let path = company.dir.path().join("orders.csv");
        std::fs::write(&path, long()).unwrap();
        let mut harmed = false;
        let request = Request::of(Kind::Order, Input::File(path.clone()));
        let done = run(&mut company.store, &hr(), &request, &now(), &mut |p| {
            if p.stage == Stage::Reading && !harmed {
                harm(&path);
                harmed = true;
            }
            ControlFlow::Continue(())
        });
        assert_eq!(done.unwrap_err().code(), "file_changed");
        assert_eq!(company.trace(), before);
    }
    let missing = Request::of(Kind::Order, Input::File("/nowhere/orders.csv".into()));
    assert_eq!(Company::new().try_request(&missing).unwrap_err().code(), "file_missing");
}

#[test]
fn salaries_need_the_pay_key() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store");
    let store = attain_store::Store::create(&path, attain_store::Keys { core: [1; 32], pay: None }).unwrap();
    let mut company = Company { store, dir };
    company.takes(Kind::Unit, super::UNITS);
    let error = company.try_request(&memory(Kind::Person, super::PEOPLE)).unwrap_err();
    assert!(matches!(error, super::ImportError::Store(StoreError::PayKeyMissing)));
    assert_eq!(Problem::from(error).code, "pay_key_missing");
    assert!(company.store.view().people(now().today).unwrap().is_empty());
}
