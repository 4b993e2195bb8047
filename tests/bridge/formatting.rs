//! `POST /api/v1/format_code`.

use serde_json::{Value, json};

use crate::support::http_client::{Bridge, Call};

async fn format(body: Value) -> (u16, Value) {
    let answer = Bridge::new(&["x"]).send(Call::post("/api/v1/format_code", body)).await;
    assert_eq!(answer.header("x-job-id"), None, "no model, no job");
    (answer.status.as_u16(), answer.json())
}

#[tokio::test]
async fn code_is_laid_out() {
    let (status, body) = format(json!({"code": "x=1\n", "lang": "py"})).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!((&body["code"], &body["changed"]), (&json!("x = 1\n"), &json!(true)));
    assert_eq!(
        (&body["formatter"], &body["lang"], &body["source"]),
        (&json!("ruff"), &json!("python"), &json!("analysis"))
    );
    let (_, body) = format(json!({"code": "x = 1\n", "lang": "python"})).await;
    assert_eq!(body["changed"], false);
}

#[tokio::test]
async fn options_are_checked_and_followed() {
    let options = json!({"indent_width": 4, "end_of_line": "crlf"});
    let (_, body) = format(json!({"code": "if(a){\nb()}\n", "lang": "js", "options": options})).await;
    assert_eq!(body["code"], "if (a) {\r\n    b();\r\n}\r\n");
    for (options, param) in [
        (json!({"indent_width": 0}), "options.indent_width"),
        (json!({"line_width": 5}), "options.line_width"),
        (json!({"end_of_line": "cr"}), "options.end_of_line"),
        (json!({"use_tabs": 1}), "options.use_tabs"),
    ] {
        let (status, body) = format(json!({"code": "x\n", "lang": "js", "options": options})).await;
        assert_eq!((status, &body["error"]["param"]), (422, &json!(param)), "{body}");
    }
}

#[tokio::test]
async fn broken_code_comes_back_with_its_problems() {
    let (status, body) = format(json!({"code": "x = 1\ny = (\n", "lang": "python"})).await;
    assert_eq!((status, &body["error"]["code"]), (422, &json!("syntax_error")), "{body}");
    assert_eq!(body["diagnostics"][0]["range"]["start"], json!({"line": 1, "character": 4}));
    let (status, body) = format(json!({"code": "fn main(){}", "lang": "rust"})).await;
    assert_eq!((status, &body["error"]["code"]), (422, &json!("no_formatter")), "{body}");
}
