//! The fields each kind of file has, the headers people give them, and the columns of a file that hold them.
//!
//! Owns: field names and their synonyms in both languages, [`Columns`], words for values.
//! Absent on purpose: what a field's value must be (the kinds' own files).

use std::collections::BTreeMap;

use csv::StringRecord;

use super::cell::{DateOrder, plain};
use super::{ImportError, Kind, Mapping};

/// A field of a kind of file.
pub(super) struct Field {
    pub name: &'static str,
    pub required: bool,
    /// Headers it may have besides its name, in lower case, without blanks.
    also: &'static [&'static str],
}

macro_rules! fields {
    ($($name:literal $need:ident [$($also:literal)*])*) => {
        &[$(Field { name: $name, required: fields!(@$need), also: &[$($also),*] }),*]
    };
    (@must) => { true };
    (@may) => { false };
}

const UNIT: &[Field] = fields! {
    "unit_id" must ["单元编号" "部门编号" "组织编号" "编号" "unit" "id" "departmentid"]
    "name" must ["名称" "部门名称" "单元名称" "组织名称" "部门" "unitname" "department"]
    "parent_id" must ["上级编号" "上级" "上级部门" "上级部门编号" "上级单元" "parent" "parentunit"]
    "kind" must ["类别" "类型" "级别" "type" "level"]
    "name_en" may ["英文名称" "英文名" "englishname"]
};

const PERSON: &[Field] = fields! {
    "person_id" must ["人员编号" "工号" "员工编号" "员工号" "员工id" "employeeid" "staffid" "id" "repid"]
    "name" must ["姓名" "名称" "员工姓名" "fullname" "employeename"]
    "unit_id" must ["单元编号" "部门编号" "部门" "所属部门" "团队" "所属团队" "unit" "team" "department" "teamid"]
    "position" must ["岗位" "岗位类型" "职位" "jobtitle" "positiontype"]
    "role" must ["角色" "权限角色"]
    "base_salary" may ["基本工资" "底薪" "月薪" "basesalary" "salary" "basepay"]
    "joined_on" must ["入职日期" "入职时间" "到岗日期" "任职开始" "hiredate" "startdate" "joined"]
    "left_on" may ["离职日期" "离职时间" "任职结束" "enddate" "leavedate" "left"]
    "name_en" may ["英文名" "英文姓名" "englishname"]
    "fte" may ["全时当量" "工时比例"]
    "manager_id" may ["直属上级" "上级工号" "汇报对象" "经理" "manager" "managerid" "reportsto"]
};

const ORDER: &[Field] = fields! {
    "order_id" must ["订单号" "订单编号" "单号" "合同号" "合同编号" "orderno" "ordernumber" "order"]
    "customer_id" must ["客户编号" "客户" "客户id" "客户号" "客户名称" "客户代码" "customer" "customerno" "account" "accountid"]
    "customer_type" may ["客户类型" "新老客户" "客户性质" "customersegment"]
    "person_id" must ["人员编号" "业务员" "业务员编号" "销售员" "销售" "销售人员" "工号" "负责人" "员工编号" "rep" "repid" "salesrep" "salesperson" "owner" "ownerid"]
    "date" must ["日期" "订单日期" "下单日期" "签单日期" "签约日期" "成交日期" "发生日期" "时间" "orderdate" "closedate"]
    "amount" must ["金额" "订单金额" "合同金额" "成交金额" "销售额" "销售金额" "总价" "total" "totalamount" "orderamount" "revenue"]
    "cost" may ["成本" "订单成本" "成本金额" "costamount" "cogs"]
    "currency" may ["币种" "货币" "currencycode"]
    "event" may ["事件" "订单事件" "状态" "订单状态" "status" "orderstatus"]
    "product" may ["产品" "产品编号" "商品" "产品名称" "productid" "sku" "item"]
};

const CREDIT: &[Field] = fields! {
    "order_id" must ["订单号" "订单编号" "单号" "orderno" "ordernumber" "order"]
    "person_id" must ["人员编号" "业务员" "工号" "员工编号" "rep" "repid" "salesrep"]
    "share" must ["份额" "比例" "分成比例" "业绩比例" "split" "percentage"]
    "role" must ["角色" "归属类型" "类型" "type" "credittype"]
};

const GOAL: &[Field] = fields! {
    "goal_id" must ["目标编号" "编号" "goal" "id"]
    "parent_id" must ["上级编号" "上级目标" "上级" "parent" "parentgoal"]
    "owner_id" must ["归属" "归属编号" "负责人" "责任人" "owner"]
    "metric" must ["指标" "kpi" "measure"]
    "period" must ["期间" "周期" "月份" "年月" "month"]
    "target" must ["目标值" "目标" "目标金额" "targetvalue" "quota" "amount"]
    "locked" may ["锁定" "是否锁定" "lock"]
    "weight" may ["权重"]
    "currency" may ["币种" "货币" "currencycode"]
};

const METRIC: &[Field] = fields! {
    "person_id" must ["人员编号" "工号" "员工编号" "rep" "repid"]
    "metric" must ["指标" "kpi" "measure"]
    "period" must ["期间" "周期" "月份" "month" "quarter"]
    "numerator" must ["分子" "总分" "sum" "num"]
    "denominator" must ["分母" "评分人数" "人数" "count" "den"]
};

const RATE: &[Field] = fields! {
    "currency" must ["币种" "货币" "currencycode"]
    "date" must ["日期" "生效日期" "from" "validfrom"]
    "rate" must ["汇率" "exchangerate"]
};

pub(super) fn fields(kind: Kind) -> &'static [Field] {
    match kind {
        Kind::Unit => UNIT,
        Kind::Person => PERSON,
        Kind::Order => ORDER,
        Kind::Credit => CREDIT,
        Kind::Goal => GOAL,
        Kind::Metric => METRIC,
        Kind::Rate => RATE,
    }
}

/// The kind in the messages `import_kind.…`.
pub(super) fn plural(kind: Kind) -> &'static str {
    match kind {
        Kind::Unit => "units",
        Kind::Person => "people",
        Kind::Order => "orders",
        Kind::Credit => "credits",
        Kind::Goal => "goals",
        Kind::Metric => "metrics",
        Kind::Rate => "rates",
    }
}

fn key(header: &str) -> String {
    plain(header)
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-'))
        .flat_map(char::to_lowercase)
        .collect()
}

impl Field {
    /// 2 when the header is the field's name, 1 when it is one of the words for it.
    pub fn fits(&self, header: &str) -> u8 {
        let header = key(header);
        if header == key(self.name) { 2 } else { u8::from(self.also.contains(&header.as_str())) }
    }
}

/// The fields of a kind with the column of a file each is taken from, by the headers alone.
pub(super) fn guess(kind: Kind, headers: &StringRecord) -> Vec<Option<usize>> {
    let fields = fields(kind);
    let mut at: Vec<Option<usize>> = vec![None; fields.len()];
    let mut taken = vec![false; headers.len()];
    for sure in [2, 1] {
        for (field, place) in fields.iter().zip(&mut at).filter(|(_, place)| place.is_none()) {
            let found = headers.iter().enumerate().find(|(i, header)| !taken[*i] && field.fits(header) == sure);
            if let Some((index, _)) = found {
                *place = Some(index);
                taken[index] = true;
            }
        }
    }
    at
}

/// Where a file keeps each field of its kind.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    pub kind: Kind,
    at: Vec<Option<usize>>,
    constants: Vec<Option<String>>,
    values: Vec<BTreeMap<String, String>>,
    pub date: DateOrder,
    pub decimal_comma: bool,
    pub width: usize,
    /// Of a goals file: the column that marks months, and its mark.
    pub fold: Option<(usize, String)>,
}

impl Columns {
    /// Finds the columns: as mapped, otherwise by name, otherwise by the words people use.
    pub fn resolve(kind: Kind, headers: &StringRecord, mapping: &Mapping, file: &str) -> Result<Columns, ImportError> {
        let fields = fields(kind);
        let find = |wanted: &str| {
            let exact = headers.iter().position(|header| plain(header) == plain(wanted));
            exact
                .or_else(|| headers.iter().position(|header| key(header) == key(wanted)))
                .ok_or_else(|| ImportError::MappedColumnMissing { file: file.to_string(), column: wanted.to_string() })
        };
        let guessed = guess(kind, headers);
        let mapped: Vec<Option<usize>> = fields
            .iter()
            .map(|field| mapping.columns.get(field.name).map(|header| find(header)).transpose())
            .collect::<Result<_, _>>()?;
        let constants: Vec<Option<String>> =
            fields.iter().map(|field| mapping.constants.get(field.name).cloned()).collect();
        let at: Vec<Option<usize>> = mapped
            .iter()
            .zip(guessed)
            .zip(&constants)
            // A column that is mapped to one field is not guessed to be another; a constant is meant.
            .map(|((own, guess), constant)| {
                let open = constant.is_none() && !mapping.complete;
                own.or(guess.filter(|index| open && !mapped.contains(&Some(*index))))
            })
            .collect();
        let missing: Vec<String> = fields
            .iter()
            .enumerate()
            .filter(|(i, field)| field.required && at[*i].is_none() && constants[*i].is_none())
            .map(|(_, field)| field.name.to_string())
            .collect();
        if !missing.is_empty() {
            return Err(ImportError::MissingColumns { columns: missing });
        }
        let fold = match &mapping.fold {
            Some(fold) => Some((find(&fold.column)?, fold.month.clone())),
            None => None,
        };
        let values = fields.iter().map(|field| mapping.values.get(field.name).cloned().unwrap_or_default()).collect();
        let (date, decimal_comma, width) = (mapping.date, mapping.decimal_comma, headers.len());
        Ok(Columns { kind, at, constants, values, date, decimal_comma, width, fold })
    }

    fn index(&self, field: &str) -> usize {
        fields(self.kind).iter().position(|f| f.name == field).unwrap_or(usize::MAX)
    }

    /// Whether rows can say anything about a field.
    pub fn has(&self, field: &str) -> bool {
        let index = self.index(field);
        self.at.get(index).is_some_and(Option::is_some) || self.constants.get(index).is_some_and(Option::is_some)
    }

    /// A field's place, for [`Columns::at`].
    pub fn place(&self, field: &str) -> usize {
        self.index(field)
    }

    /// What a row says about a field, without the blanks around it, in our words.
    pub fn cell<'a>(&'a self, record: &'a StringRecord, field: &str) -> &'a str {
        self.at(record, self.index(field))
    }

    /// As [`Columns::cell`], by the field's place.
    pub fn at<'a>(&'a self, record: &'a StringRecord, place: usize) -> &'a str {
        let text = self.at.get(place).copied().flatten().and_then(|index| record.get(index)).map_or("", plain);
        if let Some(ours) = self.values.get(place).and_then(|values| values.get(text)) {
            return ours;
        }
        if text.is_empty() { self.constants.get(place).and_then(Option::as_deref).unwrap_or("") } else { text }
    }
}

/// A value by its name or by the word people use for it.
pub(super) fn word<T: std::str::FromStr>(text: &str) -> Option<T> {
    let lower: String = text.to_lowercase();
    let joined = lower.trim().replace([' ', '-'], "_");
    joined
        .parse()
        .ok()
        .or_else(|| WORDS.iter().find(|(theirs, _)| *theirs == lower).and_then(|(_, ours)| ours.parse().ok()))
}

/// Chinese words for values; no word means two things within one field.
const WORDS: &[(&str, &str)] = &[
    ("公司", "company"),
    ("总公司", "company"),
    ("区域", "region"),
    ("大区", "region"),
    ("团队", "team"),
    ("小组", "team"),
    ("新客户开发", "new_business"),
    ("老客户维护", "account_manager"),
    ("团队经理", "team_lead"),
    ("区域总监", "director"),
    ("人力资源", "hr"),
    ("财务", "finance"),
    ("管理员", "admin"),
    ("总经理", "general_manager"),
    ("销售", "rep"),
    ("经理", "manager"),
    ("审计", "auditor"),
    ("下单", "booked"),
    ("签单", "booked"),
    ("成交", "booked"),
    ("开票", "invoiced"),
    ("回款", "collected"),
    ("取消", "cancelled"),
    ("退款", "refunded"),
    ("退货", "refunded"),
    ("canceled", "cancelled"),
    ("业绩", "revenue"),
    ("协作", "overlay"),
    ("销售额", "sales_amount"),
    ("新客户数", "new_customers"),
    ("留存率", "retention_rate"),
    ("复购率", "repurchase_rate"),
    ("利润率", "gross_margin"),
    ("协作评分", "teamwork_score"),
];

/// The kind whose fields a header row holds best; `None` when none has all it needs.
pub(super) fn guess_kind(headers: &StringRecord) -> Option<Kind> {
    let fit = |kind: Kind| {
        let at = guess(kind, headers);
        let complete = fields(kind).iter().zip(&at).all(|(field, at)| !field.required || at.is_some());
        let exact = at
            .iter()
            .zip(fields(kind))
            .filter(|(at, field)| at.and_then(|i| headers.get(i)).is_some_and(|header| field.fits(header) == 2));
        (complete, exact.count(), at.iter().flatten().count())
    };
    Kind::ALL
        .into_iter()
        .map(|kind| (fit(kind), kind))
        .filter(|((complete, ..), _)| *complete)
        .max_by_key(|(fit, _)| *fit)
        .map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_tell_what_a_file_holds() {
        for (headers, kind) in [
            ("unit_id,name,parent_id,kind", Some(Kind::Unit)),
            ("person_id,name,unit_id,position,role,base_salary,joined_on,left_on", Some(Kind::Person)),
            ("order_id,customer_id,customer_type,person_id,date,amount,cost,currency,event,product", Some(Kind::Order)),
            ("订单号,客户,业务员,日期,金额", Some(Kind::Order)),
            (" Order ID ,Customer,Sales Rep,Order Date,AMOUNT", Some(Kind::Order)),
            ("order_id,person_id,share,role", Some(Kind::Credit)),
            ("goal_id,parent_id,owner_id,metric,period,target,locked", Some(Kind::Goal)),
            ("person_id,metric,period,numerator,denominator", Some(Kind::Metric)),
            ("currency,date,rate", Some(Kind::Rate)),
            ("a,b,c", None),
        ] {
            assert_eq!(guess_kind(&StringRecord::from(headers.split(',').collect::<Vec<_>>())), kind, "{headers}");
        }
    }
}
