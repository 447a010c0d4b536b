"""Invented people, firms and places for the demo book, in many scripts. None of them exists."""

FIRST = ["Anna", "Ben", "Carla", "David", "Elif", "Femi", "Grace", "Hugo", "Ines", "Jamal", "Kofi", "Lena", "Mira", "Nadia", "Omar", "Paola", "Quentin", "Rosa", "Samir", "Tara", "Uma", "Viktor", "Wanda", "Ximena", "Yusuf", "Zoë", "José", "Zdeněk", "Łucja", "Björn", "Søren", "Aoife", "Siân", "Þóra", "Gülşen", "Mária", "Đorđe", "François", "Ngozi", "Chidi", "Amara", "Kwame", "Thandi", "Leilani", "Aroha", "Mateo", "Lucía", "Thiago"]
LAST = ["Smith", "Okafor", "Lopez", "Ivanova", "Petersen", "Haddad", "Khan", "Rossi", "Mueller", "Müller", "Weber", "Chen", "Novák", "Kowalska", "Nowak", "Nguyen", "O'Brien", "O'Connor", "D'Angelo", "García", "Martínez", "Fernández", "Silva", "Santos", "Yılmaz", "Øster", "Åkesson", "Sørensen", "Jónsdóttir", "Papadopoulos", "Horváth", "Popescu", "Dubois", "Lefèvre", "van-Dijk", "de-Vries", "Mbeki", "Adeyemi", "Tanaka", "Suzuki", "Kim", "Park", "Singh", "Patel", "Rahman", "Cohen", "Levi", "Moreau", "Schäfer", "Großmann", "Ferrari", "Bianchi", "Murphy", "Walsh", "Campbell", "MacLeod"]
WHOLE = (
    "王小明", "李娜", "张伟", "陳美玲", "佐藤 健", "鈴木 花子", "김민준", "이서연", "Иван Петров", "Ольга Смирнова",
    "Γιώργος Παπαδάκης", "Ελένη Νικολάου", "محمد الأحمد", "فاطمة حسن", "דוד כהן", "אמיר תמיר", "अनिल शर्मा", "प्रिया सिंह",
    "สมชาย ใจดี", "Nguyễn Thị Hương",
)  # fmt: skip
FIRMS = (
    "Café Central", "Bakery Sunrise", "Chen Trading Ltd", "Weber Café", "Hotel Zur Post", "Kiosk 24", "Northfield Dental",
    "Atelier Lumière", "Garage Östlund", "Книжная лавка", "山田商店", "Al-Noor Pharmacy", "Mill Lane School", "Port Logistics AG",
    "Studio 8 Yoga", "Green Grocer Co-op", "River Vets", "Print & Copy", "Taxi Verde", "Ferro Metalworks",
)  # fmt: skip
STREETS = ["Mill Lane", "Station Road", "Rue du Lac", "Hauptstraße", "Via Roma", "Calle Mayor", "Church Street", "Harbour View", "Lindenweg", "Oak Avenue"]
TOWNS = (
    ("Northfield", "NF1"), ("Port Avery", "PA4"), ("Łódka", "90-2"), ("Bergheim", "502"), ("San Telmo", "280"),
    ("Villeneuve", "690"), ("Ostra", "741"), ("Greenmoor", "GM7"), ("Kallio", "005"), ("Newbridge", "NB3"),
)  # fmt: skip
# Plan, its monthly lines (code, words, price in minor units), share of the customers in percent.
PLANS = (
    ("DSL 16/2", (("INT-016", "DSL 16/2", 1990),), 10),
    ("Fibre 50/10", (("INT-050", "Fibre 50/10", 2490), ("EQP-RTR", "Router rent", 300)), 20),
    ("Fibre 100/40", (("INT-100", "Fibre 100/40", 2990), ("EQP-RTR", "Router rent", 300)), 25),
    ("Fibre 100/40 + phone", (("INT-100", "Fibre 100/40", 2990), ("PHN-FLT", "Phone flat", 990)), 18),
    ("Fibre 250 + phone + TV", (("INT-250", "Fibre 250/100", 3990), ("PHN-FLT", "Phone flat", 990), ("TV-BASE", "TV basic", 1290)), 15),
    ("Fibre 1000 + TV", (("INT-1G", "Fibre 1000/500", 5990), ("TV-PLUS", "TV plus", 1990)), 7),
    ("Phone only", (("PHN-FLT", "Phone flat", 1490),), 5),
)  # fmt: skip
FIRM_PLANS = (
    ("Business 250", (("BIZ-250", "Business 250/250", 8900), ("PHN-SIP", "SIP trunk, 4 lines", 1990)), 70),
    ("Business 1000", (("BIZ-1G", "Business 1000/1000", 17900), ("PHN-SIP", "SIP trunk, 8 lines", 3490)), 30),
)  # fmt: skip
BANKS = ("First Bank", "Coop Bank", "Volksbank", "Banca Verde", "Union Savings")
REMARKS = (
    "Asked for a paper copy of the last invoice.", "Moving house in spring, wants an offer.", "Prefers to be called after 17:00.",
    "Router replaced, old one sent back.", "Happy with the new speed.", "Wants to switch to direct debit.", "Pays in cash at the desk.",
)  # fmt: skip
EXCUSES = (
    "says it was paid by bank",
    "waits for salary",
    "was abroad",
    "did not get the invoice",
    "will pay at the desk",
)
DISPUTES = ("speed was never reached", "router was returned", "charged twice for TV", "line was down for a week")
