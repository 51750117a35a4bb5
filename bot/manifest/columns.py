"""The columns of a manifest, with the headings by which each is known."""

from bot.sheets.reading import Column

COLUMNS = (
    Column(
        "work_order",
        ("Work Order", "Work Order #", "Work Order No", "Work Order Number", "Work Order ID", "WO",
         "WO #", "W.O. No", "WO Number", "WO Num", "WO ID", "WorkOrder", "Order No", "Order Number",
         "Order ID", "Order #", "Order", "Job No", "Job Number", "Job ID", "Job #", "Ticket"),
        required=True,
    ),
    Column(
        "shift",
        ("Shift", "Shift #", "Shift No", "Shift Number", "Shift ID"),
    ),
    Column(
        "customer",
        ("Customer", "Customer Name", "Cust Name", "Cust. Name", "Cust", "Client", "Client Name",
         "Consumer", "Name", "Store / Customer", "Site Name"),
        required=True,
    ),
    Column(
        "street",
        ("Street", "Street Address", "Address", "Addr", "Address 1", "Address Line 1", "Addr 1",
         "Customer Address", "Cust Address", "Service Address", "Job Address", "Site Address",
         "Location"),
        required=True,
    ),
    Column(
        "street2",
        ("Address 2", "Address Line 2", "Addr 2", "Street 2", "Apt", "Apt #", "Apartment", "Suite",
         "Unit No", "Unit #"),
    ),
    Column("city", ("City", "Town", "Cust City", "Customer City", "Post Town")),
    Column("state", ("State", "ST", "Province", "Cust State", "State/Province", "County")),
    Column(
        "zip",
        ("ZIP", "Zip Code", "ZIP/Postal Code", "Postal Code", "Postal", "Post Code", "Postcode",
         "Cust Zip", "ZIP+4"),
    ),
    Column(
        "phone",
        ("Phone", "Customer Phone", "Cust Phone", "Phone #", "Phone No", "Phone Number", "Tel",
         "Telephone", "Mobile", "Cell", "Cell Phone", "Contact Number", "Contact Phone"),
    ),
    Column(
        "technician",
        ("Technician", "Technician Name", "Tech", "Tech Name", "Lead", "Lead Tech", "Assigned To",
         "Assigned Tech", "Assembler", "Installer", "Rep", "Pro"),
    ),
    Column(
        "helpers",
        ("Helpers", "Helper", "Second Tech", "2nd Tech", "Tech 2", "Technician 2", "Team",
         "Additional Techs"),
    ),
    Column(
        "date",
        ("Schedule Date", "Scheduled Date", "Sched Date", "Sched. Date", "Sch Date", "Service Date",
         "Appointment Date", "Appt Date", "Job Date", "Visit Date", "Date", "Day", "Scheduled"),
        required=True,
    ),
    Column(
        "notes",
        ("Schedule Notes", "Scheduling Notes", "Sched Notes", "Sched. Notes", "Sch Notes",
         "Schedule Note", "Sched Note", "Notes", "Note", "Comments", "Comment", "Instructions"),
        required=True,
    ),
    Column(
        "window",
        ("Window", "Time Window", "Service Window", "Arrival Window", "Appt Window", "Bucket",
         "Time Bucket", "Time Slot", "Slot"),
    ),
    Column("units", ("Units", "Unit", "Unit Value", "Pay Units", "Total Units", "Unit Count")),
    Column(
        "minutes",
        ("Minutes", "Mins", "Duration", "Est Minutes", "Estimated Minutes", "Est. Time",
         "Estimated Time", "Duration (min)"),
    ),
    Column("timezone", ("Time Zone", "TZ", "Zone")),
    Column("program", ("Program", "Programme", "Client Program", "Account", "Source")),
    Column("accepted", ("Accepted", "Accepted At", "Acceptance", "Accepted On", "Accepted Time")),
)  # fmt: skip
"""Every column that counts, with its headings; other columns are left out and listed."""
