//! Holds answers against the description of the API: path, method, status, type, and the schema of a JSON body.
//!
//! Knows the part of JSON Schema that the description uses.

use axum::http::Method;
use serde_json::Value;

use super::Answer;

/// What the description does not say about this answer.
pub(crate) fn check_answer(api: &Value, method: &Method, path: &str, answer: &Answer) -> Result<(), String> {
    let paths = api["paths"].as_object().ok_or("no paths")?;
    let Some((_, item)) = paths.iter().find(|(template, _)| is_instance(path, template)) else {
        // A key may be asked for before anyone looks at the path.
        let is_expected = matches!(answer.status.as_u16(), 204 | 401 | 403 | 404 | 429);
        return is_expected.then_some(()).ok_or_else(|| "the path is not described".to_owned());
    };
    let operation = &item[method.as_str().to_lowercase()];
    if operation.is_null() {
        let is_expected = matches!(answer.status.as_u16(), 200 | 204 | 401 | 403 | 405 | 429);
        return is_expected.then_some(()).ok_or_else(|| "the method is not described".to_owned());
    }
    let response = &operation["responses"][answer.status.as_str()];
    if response.is_null() {
        return Err("the status is not described".to_owned());
    }
    let content_type = answer.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default();
    let content = &response["content"][content_type];
    if content.is_null() {
        return Err(format!("the type {content_type} is not described"));
    }
    if content_type == "application/json" {
        check(api, &content["schema"], &answer.json(), "body")?;
    }
    Ok(())
}

fn is_instance(path: &str, template: &str) -> bool {
    let (mut parts, mut template) = (path.split('/'), template.split('/'));
    loop {
        match (parts.next(), template.next()) {
            (None, None) => return true,
            (Some(part), Some(slot)) if slot == part || (slot.starts_with('{') && !part.is_empty()) => {}
            _ => return false,
        }
    }
}

/// What is wrong with this value, if anything.
pub(crate) fn check(api: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    if let Some(name) = schema["$ref"].as_str() {
        let target = name.strip_prefix('#').and_then(|it| api.pointer(it)).ok_or_else(|| format!("no {name}"))?;
        return check(api, target, value, at);
    }
    for branches in [&schema["oneOf"], &schema["anyOf"]] {
        if let Some(branches) = branches.as_array() {
            let problems: Vec<_> = branches.iter().filter_map(|it| check(api, it, value, at).err()).collect();
            if problems.len() == branches.len() {
                return Err(problems.join(" and "));
            }
        }
    }
    if let Some(allowed) = schema["enum"].as_array()
        && !allowed.contains(value)
    {
        return Err(format!("{at}: {value} is none of {allowed:?}"));
    }
    let types: Vec<_> = match &schema["type"] {
        Value::String(one) => vec![one.as_str()],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !types.is_empty() && !types.iter().any(|it| has_type(value, it)) {
        return Err(format!("{at}: {value} is no {types:?}"));
    }
    if let Some(minimum) = schema["minimum"].as_f64()
        && value.as_f64().is_some_and(|it| it < minimum)
    {
        return Err(format!("{at}: {value} is below {minimum}"));
    }
    if let (Some(items), Some(values)) = (schema.get("items"), value.as_array()) {
        for (i, item) in values.iter().enumerate() {
            check(api, items, item, &format!("{at}[{i}]"))?;
        }
    }
    check_object(api, schema, value, at)
}

fn check_object(api: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    let (Some(properties), Some(object)) = (schema["properties"].as_object(), value.as_object()) else {
        return Ok(());
    };
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !object.contains_key(name) {
            return Err(format!("{at}: no {name}"));
        }
    }
    for (name, value) in object {
        let property = properties.get(name).ok_or_else(|| format!("{at}: {name} is not described"))?;
        check(api, property, value, &format!("{at}.{name}"))?;
    }
    Ok(())
}

fn has_type(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}
